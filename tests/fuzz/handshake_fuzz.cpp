#include "fuzz/fuzz_input.h"
#include "protocol/handshake.h"

#include <algorithm>
#include <string>

using namespace mws;
using namespace mws::test;

namespace {

bool named(const RequestHead::Field &field, std::string_view lowerName)
{
    return std::equal(field.name.begin(), field.name.end(), lowerName.begin(), lowerName.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? char(a + 32) : a) == b; });
}

std::vector<std::string> valuesOf(const RequestHead &head, std::string_view lowerName)
{
    std::vector<std::string> values;
    for (const RequestHead::Field &field : head.fields) {
        if (named(field, lowerName))
            values.emplace_back(field.value);
    }
    return values;
}

bool isBase64Of16Bytes(const std::string &key)
{
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return key.size() == 24 && key.find_first_not_of(letters) == 22 && key.substr(22) == "==";
}

std::vector<std::string> elementsOf(const std::vector<std::string> &values)
{
    std::vector<std::string> elements;
    for (const std::string &value : values) {
        for (size_t at = 0; at <= value.size();) {
            const size_t end = std::min(value.find(',', at), value.size());
            std::string element = value.substr(at, end - at);
            element.erase(0, element.find_first_not_of(" \t"));
            element.erase(element.find_last_not_of(" \t") + 1);
            elements.push_back(element);
            at = end + 1;
        }
    }
    return elements;
}

/// RFC 6455 §4.2.1, as a list of conditions.
bool isHandshake(const RequestHead &head)
{
    const auto keys = valuesOf(head, "sec-websocket-key");
    const auto protocols = elementsOf(valuesOf(head, "sec-websocket-protocol"));
    auto different = protocols;
    std::sort(different.begin(), different.end());
    different.erase(std::unique(different.begin(), different.end()), different.end());
    return head.method == "GET" && head.minorVersion == 1 && head.upgradeWebSocket && !head.chunked &&
           head.contentLength <= 0 && valuesOf(head, "host").size() == 1 &&
           valuesOf(head, "origin").size() <= 1 &&
           valuesOf(head, "sec-websocket-version") == std::vector<std::string>{"13"} && keys.size() == 1 &&
           isBase64Of16Bytes(keys[0]) && different.size() == protocols.size() && protocols.size() <= 32 &&
           std::all_of(protocols.begin(), protocols.end(), isHttpToken);
}

} // namespace

/// The fields of an upgrade request, after the lines that every one has.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Choices choices(data, size);
    std::string text(choices.oneOf(16) == 1 ? "POST" : "GET");
    text.append(" /x HTTP/1.").append(choices.oneOf(16) == 1 ? "0" : "1").append("\r\nHost: a\r\n");
    if (choices.oneOf(4) != 1)
        text.append("Connection: Upgrade\r\nUpgrade: websocket\r\n");
    if (choices.oneOf(4) != 1)
        text.append("Sec-WebSocket-Version: 13\r\n");
    if (choices.oneOf(4) != 1)
        text.append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    text.append(choices.rest()).append("\r\n\r\n");
    RequestHead head;
    if (RequestParser({}).parse(text, head).status != RequestParser::Status::Complete)
        return 0;
    const Result<HandshakeRequest> request = checkHandshake(head);
    require(request.has_value() == isHandshake(head));
    if (!request)
        return 0;
    require(request->key == valuesOf(head, "sec-websocket-key")[0]);
    require(std::ranges::equal(request->subprotocols, elementsOf(valuesOf(head, "sec-websocket-protocol"))));
    const auto origins = valuesOf(head, "origin");
    require(request->origin == (origins.empty() ? "" : origins[0]));
    return 0;
}
