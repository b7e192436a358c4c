#include "protocol/handshake.h"

#include <algorithm>

namespace mws {
namespace {

constexpr size_t maxSubprotocols = 32;

Unexpected bad(std::string why)
{
    return Unexpected(ErrorCode::BadHandshake, std::move(why));
}

/// Base64 of 16 bytes: 22 characters and `==`.
bool isKey(std::string_view text)
{
    constexpr size_t characters = 22;
    if (text.size() != characters + 2 || !text.ends_with("=="))
        return false;
    return std::all_of(text.begin(), text.begin() + characters, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '+' || c == '/';
    });
}

Result<void> checkFraming(const RequestHead &head)
{
    if (head.method != "GET")
        return Unexpected(ErrorCode::MethodNotAllowed, "a WebSocket handshake is a GET");
    if (head.minorVersion != 1)
        return bad("a WebSocket handshake needs HTTP/1.1");
    if (!head.upgradeWebSocket)
        return bad("Connection is not upgrade, or Upgrade is not websocket");
    if (head.chunked || head.contentLength > 0)
        return bad("a WebSocket handshake has no body");
    if (head.fieldCount("Host") != 1)
        return bad("not one Host");
    if (head.fieldCount("Origin") > 1)
        return bad("more than one Origin");
    return {};
}

Result<void> checkVersion(const RequestHead &head)
{
    if (head.fieldCount("Sec-WebSocket-Version") != 1)
        return bad("not one Sec-WebSocket-Version");
    if (head.field("Sec-WebSocket-Version") != "13")
        return Unexpected(ErrorCode::UpgradeRequired, "Sec-WebSocket-Version is not 13");
    return {};
}

Result<void> addSubprotocols(std::string_view list, std::vector<std::string_view> &offered)
{
    while (true) {
        const size_t comma = std::min(list.find(','), list.size());
        const std::string_view name = trimOws(list.substr(0, comma));
        list.remove_prefix(comma);
        if (!isHttpToken(name))
            return bad("a name in Sec-WebSocket-Protocol is not a token");
        if (std::find(offered.begin(), offered.end(), name) != offered.end())
            return bad("a name stands twice in Sec-WebSocket-Protocol");
        if (offered.size() == maxSubprotocols)
            return bad("more than 32 names in Sec-WebSocket-Protocol");
        offered.push_back(name);
        if (list.empty())
            return {};
        list.remove_prefix(1);
    }
}

} // namespace

Result<HandshakeRequest> checkHandshake(const RequestHead &head)
{
    if (const Result<void> framing = checkFraming(head); !framing)
        return Unexpected(framing.error());
    if (const Result<void> version = checkVersion(head); !version)
        return Unexpected(version.error());
    HandshakeRequest request;
    request.key = head.field("Sec-WebSocket-Key");
    request.origin = head.field("Origin");
    if (head.fieldCount("Sec-WebSocket-Key") != 1 || !isKey(request.key))
        return bad("Sec-WebSocket-Key is not the base64 of 16 bytes");
    for (const RequestHead::Field &field : head.fields) {
        if (!equalsIgnoringCase(field.name, "Sec-WebSocket-Protocol"))
            continue;
        if (const Result<void> added = addSubprotocols(field.value, request.subprotocols); !added)
            return Unexpected(added.error());
    }
    return request;
}

} // namespace mws
