#include "fuzz/fuzz_input.h"
#include "protocol/request_parser.h"

#include <algorithm>
#include <string>

using namespace mws;
using namespace mws::test;

namespace {

constexpr RequestLimits limits{1024, 200, 12, 1000};
using Status = RequestParser::Status;

bool sameHead(const RequestHead &a, const RequestHead &b)
{
    const auto sameField = [](const RequestHead::Field &x, const RequestHead::Field &y) {
        return x.name == y.name && x.value == y.value;
    };
    return a.method == b.method && a.target == b.target && a.minorVersion == b.minorVersion &&
           a.contentLength == b.contentLength && a.chunked == b.chunked && a.keepAlive == b.keepAlive &&
           a.expectContinue == b.expectContinue && a.upgradeWebSocket == b.upgradeWebSocket &&
           std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(), sameField);
}

/// What no parser on the way, however lenient, may read otherwise: line ends, and how the body is framed.
void checkUnambiguous(std::string_view bytes, const RequestHead &head)
{
    for (size_t i = 0; i < bytes.size(); ++i) {
        require(bytes[i] != '\0');
        require((bytes[i] == '\n') == (i > 0 && bytes[i - 1] == '\r'));
    }
    size_t lengths = 0;
    size_t codings = 0;
    for (const RequestHead::Field &field : head.fields) {
        std::string name(field.name);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
        lengths += name.find("content-length") != name.npos && name.size() == 14;
        codings += name.find("transfer-encoding") != name.npos && name.size() == 17;
        require(field.name.data() == bytes.data() || field.name.data()[-1] == '\n');
        require(field.name.data()[field.name.size()] == ':');
    }
    require(lengths + codings <= 1);
    require((lengths == 1) == (head.contentLength >= 0) && (codings == 1) == head.chunked);
}

void checkLimits(std::string_view bytes, const RequestParser::Outcome &outcome, const RequestHead &head)
{
    require(outcome.headSize <= limits.headBytes && outcome.headSize <= bytes.size());
    require(bytes.substr(0, outcome.headSize).ends_with("\r\n\r\n"));
    require(head.fields.size() <= limits.fields && head.target.size() <= limits.targetBytes);
    require(head.target == "*" || head.target.starts_with('/'));
    require(isHttpToken(head.method) && head.method.size() <= 32);
    require(head.contentLength <= static_cast<int64_t>(limits.bodyBytes));
    require(head.minorVersion == 0 || head.fieldCount("Host") == 1);
    require(head.path().size() + head.query().size() <= head.target.size());
    for (const RequestHead::Field &field : head.fields) {
        require(isHttpToken(field.name));
        require(field.value.find_first_of(std::string_view("\r\n\0", 3)) == field.value.npos);
    }
}

/// Written anew from what was understood, it is understood as the same.
void checkWritten(const RequestHead &head)
{
    std::string text(head.method);
    text.append(" ").append(head.target).append(head.minorVersion == 1 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
    for (const RequestHead::Field &field : head.fields)
        text.append(field.name).append(":").append(field.value).append("\r\n");
    text.append("\r\n");
    RequestHead again;
    const RequestParser::Outcome outcome = RequestParser(limits).parse(text, again);
    require(outcome.status == Status::Complete && outcome.headSize == text.size());
    require(sameHead(head, again));
}

void checkSplits(const FuzzInput &input, const RequestParser::Outcome &whole, const RequestHead &head)
{
    const RequestParser parser(limits);
    RequestHead other;
    size_t come = 0;
    for (const std::string_view piece : input.pieces()) {
        come += piece.size();
        const RequestParser::Outcome part = parser.parse(input.bytes().substr(0, come), other);
        if (part.status == Status::NeedMore && come < input.bytes().size())
            continue;
        require(part.status == whole.status && part.headSize == whole.headSize && part.error == whole.error);
        require(part.status != Status::Complete || sameHead(head, other));
        return;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const FuzzInput input(data, size);
    const std::string_view bytes = input.bytes();
    RequestHead head;
    const RequestParser::Outcome whole = RequestParser(limits).parse(bytes, head);
    checkSplits(input, whole, head);
    if (whole.status == Status::Refused)
        require(whole.error.httpStatus() >= 400 && whole.error.httpStatus() <= 505);
    if (whole.status == Status::NeedMore)
        require(bytes.size() < limits.headBytes);
    if (whole.status != Status::Complete)
        return 0;
    checkLimits(bytes, whole, head);
    checkUnambiguous(bytes.substr(0, whole.headSize), head);
    checkWritten(head);
    return 0;
}
