#include "hot_paths.h"
#include "measured.h"

namespace mws::micro {

namespace {

constexpr std::string_view small = "POST /v1/messages HTTP/1.1\r\n"
                                   "Host: 127.0.0.1:8080\r\n"
                                   "Content-Type: application/json\r\n"
                                   "Content-Length: 562\r\n"
                                   "Authorization: Bearer bench\r\n"
                                   "\r\n";

constexpr std::string_view typical = "POST /v1/messages HTTP/1.1\r\n"
                                     "Host: push.example.com\r\n"
                                     "User-Agent: python-httpx/0.27.0\r\n"
                                     "Accept: */*\r\n"
                                     "Accept-Encoding: gzip, deflate\r\n"
                                     "Connection: keep-alive\r\n"
                                     "Content-Type: application/json; charset=utf-8\r\n"
                                     "Content-Length: 562\r\n"
                                     "Authorization: Bearer 0123456789abcdef0123456789abcdef\r\n"
                                     "\r\n";

constexpr std::string_view browser =
    "GET /v1/gateways/default/socket?token=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJpc3MiOiJtd3MiLCJndyI6ImRlZmF1bHQiLCJzaWQiOiJBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWjAxMjM0NSIsInRhZ3MiOlsi"
    "dDEiXX0."
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG HTTP/1.1\r\n"
    "Host: push.example.com\r\n"
    "Connection: Upgrade\r\n"
    "Pragma: no-cache\r\n"
    "Cache-Control: no-cache\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Upgrade: websocket\r\n"
    "Origin: https://app.example.com\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.5\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    "\r\n";

std::string_view headOf(RequestHeads::Kind kind)
{
    switch (kind) {
    case RequestHeads::Kind::Small:
        return small;
    case RequestHeads::Kind::Typical:
        return typical;
    case RequestHeads::Kind::Browser:
        return browser;
    }
    refuse("there is no such head");
}

} // namespace

RequestHeads::RequestHeads(Kind kind) : m_bytes(headOf(kind)) {}

void RequestHeads::parse()
{
    RequestHead head;
    const RequestParser::Outcome outcome = m_parser.parse(m_bytes, head);
    require(outcome.status == RequestParser::Status::Complete && outcome.headSize == m_bytes.size(),
            "the request head was not taken");
    keep(head);
}

} // namespace mws::micro
