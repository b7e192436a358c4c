#include "support/pipelining_client.h"

#include <cctype>
#include <charconv>

namespace mws::test {

namespace {

/// The number that follows `name`; 0 if there is none.
uint64_t numberAfter(std::string_view text, std::string_view name)
{
    const size_t at = text.find(name);
    uint64_t number = 0;
    if (at != text.npos)
        std::from_chars(text.data() + at + name.size(), text.data() + text.size(), number);
    return number;
}

} // namespace

std::string messagePost(std::string_view base, std::string_view bearer, std::string_view body)
{
    std::string text = "POST ";
    text.append(base).append("/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    if (!bearer.empty())
        text.append("Authorization: Bearer ").append(bearer).append("\r\n");
    text.append("Prefer: return=minimal\r\nContent-Length: ").append(std::to_string(body.size()));
    return text.append("\r\n\r\n").append(body);
}

Receipt PipeliningClient::readReceipt(std::chrono::milliseconds wait)
{
    std::string head = m_connection.readUntil("\r\n\r\n", wait);
    if (!head.ends_with("\r\n\r\n"))
        return {};
    for (char &c : head)
        c = char(std::tolower(uint8_t(c)));
    const uint64_t length = numberAfter(head, "content-length: ");
    m_connection.read(length, wait);
    return {int(numberAfter(head, "http/1.1 ")), numberAfter(head, "matched="), numberAfter(head, "dropped="),
            head.find("connection: close\r\n") != head.npos};
}

} // namespace mws::test
