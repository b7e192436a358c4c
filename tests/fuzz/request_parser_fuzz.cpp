#include "fuzz/fuzz_input.h"
#include "protocol/handshake.h"
#include "protocol/request_parser.h"

using namespace mws;
using namespace mws::test;

namespace {

constexpr RequestLimits limits{1024, 200, 12, 1000};

void check(std::string_view bytes, const RequestParser::Outcome &outcome, const RequestHead &head)
{
    if (outcome.status == RequestParser::Status::Refused)
        require(outcome.error.httpStatus() >= 400 && outcome.error.httpStatus() <= 505);
    if (outcome.status != RequestParser::Status::Complete)
        return;
    require(outcome.headSize <= limits.headBytes && outcome.headSize <= bytes.size());
    require(bytes.substr(0, outcome.headSize).ends_with("\r\n\r\n"));
    require(head.fields.size() <= limits.fields && head.target.size() <= limits.targetBytes);
    require(head.target == "*" || head.target.starts_with('/'));
    require(isHttpToken(head.method) && head.method.size() <= 32);
    require(!head.chunked || head.contentLength < 0);
    require(head.contentLength <= static_cast<int64_t>(limits.bodyBytes));
    require(head.minorVersion == 0 || head.fieldCount("Host") == 1);
    require(head.path().size() + head.query().size() <= head.target.size());
    for (const RequestHead::Field &field : head.fields)
        require(isHttpToken(field.name) &&
                field.value.find_first_of(std::string_view("\r\n\0", 3)) == field.value.npos);
    if (const Result<HandshakeRequest> request = checkHandshake(head))
        require(request->key.size() == 24 && head.method == "GET" && !head.chunked);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const FuzzInput input(data, size);
    const std::string_view bytes = input.bytes();
    const RequestParser parser(limits);
    RequestHead head;
    const RequestParser::Outcome whole = parser.parse(bytes, head);
    check(bytes, whole, head);
    RequestHead other;
    size_t come = 0;
    for (const std::string_view piece : input.pieces()) {
        come += piece.size();
        const RequestParser::Outcome part = parser.parse(bytes.substr(0, come), other);
        if (part.status == RequestParser::Status::NeedMore && come < bytes.size())
            continue;
        require(part.status == whole.status && part.headSize == whole.headSize && part.error == whole.error);
        break;
    }
    return 0;
}
