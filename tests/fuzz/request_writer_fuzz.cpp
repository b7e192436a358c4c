#include "fuzz/fuzz_input.h"
#include "net/request_writer.h"

using namespace mws;
using namespace mws::test;

namespace {

constexpr RequestLimits taken{4096, 1024, 20, 1000};
constexpr RequestLimits wide{1 << 20, 1 << 20, 1000, 1 << 20};
using Status = RequestParser::Status;

/// What Qt's servers get is one request, with the body that came and nothing that could be another.
void checkForQt(const RequestHead &head, std::string_view body)
{
    const QByteArray written = writeRequest(head, body);
    const std::string_view bytes(written.constData(), size_t(written.size()));
    RequestHead again;
    const RequestParser::Outcome outcome = RequestParser(wide).parse(bytes, again);
    require(outcome.status == Status::Complete && bytes.substr(outcome.headSize) == body);
    require(again.method == head.method && again.minorVersion == 1 && again.host == head.host);
    require(!again.chunked && !again.upgradeWebSocket && !again.expectContinue && again.keepAlive);
    require(again.contentLength == (body.empty() ? -1 : int64_t(body.size())));
    require(again.target.starts_with('/') && !again.target.starts_with("//"));
    require(again.field("Authorization") == head.field("Authorization"));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const FuzzInput input(data, size);
    RequestHead head;
    const RequestParser::Outcome outcome = RequestParser(taken).parse(input.bytes(), head);
    if (outcome.status == Status::Complete)
        checkForQt(head, input.bytes().substr(outcome.headSize));
    if (outcome.status == Status::Refused) {
        const std::string refusal = writeRefusal(outcome.error, "id");
        require(refusal.starts_with("HTTP/1.1 " + std::to_string(outcome.error.httpStatus())));
        const size_t end = refusal.find("\r\n\r\n");
        require(end != refusal.npos && refusal.find('\0') == refusal.npos);
        require(refusal.find("Content-Length: " + std::to_string(refusal.size() - end - 4)) < end);
    }
    return 0;
}
