#include "request_outcome.h"

namespace mws::test {
namespace {

using namespace std::string_literals;

struct Refusal
{
    std::string bytes;
    int status;
};

void expectRefused(const std::vector<Refusal> &refusals)
{
    for (const Refusal &refusal : refusals) {
        RequestHead head;
        const RequestParser::Outcome outcome = parseAlike(refusal.bytes, head);
        EXPECT_EQ(outcome.status, RequestParser::Status::Refused) << refusal.bytes;
        EXPECT_EQ(outcome.error.httpStatus(), refusal.status) << refusal.bytes;
    }
}

/// A request with that field after a Host.
std::string with(std::string_view field, std::string_view version = "1.1")
{
    return "POST / HTTP/" + std::string(version) + "\r\nHost: a\r\n" + std::string(field) + "\r\n\r\n";
}

std::string withTarget(std::string_view target, std::string_view method = "GET")
{
    return std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

std::string withHost(std::string_view host)
{
    return "GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n";
}

TEST(RequestRefusals, RequestLine)
{
    expectRefused({
        {"GET /\r\n", 400},
        {"GET\r\n", 400},
        {"\r\n\r\n", 400},
        {"\nGET / HTTP/1.1\r\n", 400},
        {"\rGET / HTTP/1.1\r\n", 400},
        {" GET / HTTP/1.1\r\n", 400},
        {"GET  / HTTP/1.1\r\n", 400},
        {"GET /  HTTP/1.1\r\n", 400},
        {"GET / HTTP/1.1 \r\n", 400},
        {"GET\t/ HTTP/1.1\r\n", 400},
        {"GET /\tHTTP/1.1\r\n", 400},
        {"GET / HTTP/1.1\n", 400},
        {"GET / HTTP/1.1\r\r\n", 400},
        {"GET /\rx HTTP/1.1\r\n", 400},
        {"G\0T / HTTP/1.1\r\n"s, 400},
        {"G(T / HTTP/1.1\r\n", 400},
        {"G\xC3T / HTTP/1.1\r\n", 400},
        {"GET: / HTTP/1.1\r\n", 400},
        {"GET / a HTTP/1.1\r\n", 400},
        {std::string(33, 'A') + " / HTTP/1.1\r\n", 501},
        {std::string(1000, 'A'), 501},
        {std::string(32, 'A') + "@ / HTTP/1.1\r\n", 400},
        {"\x16\x03\x01\x02 / HTTP/1.1\r\n", 400},
    });
}

TEST(RequestRefusals, Version)
{
    expectRefused({
        {"GET / HTTP/2.0\r\n", 505},
        {"GET / HTTP/0.9\r\n", 505},
        {"GET / HTTP/1.2\r\n", 505},
        {"GET / HTTP/3.1\r\n", 505},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"GET / http/1.1\r\n", 400},
        {"GET / HTTP/1\r\n", 400},
        {"GET / HTTP/11.1\r\n", 400},
        {"GET / HTTP/1.10\r\n", 400},
        {"GET / HTTP/1,1\r\n", 400},
        {"GET / HTTP/x.y\r\n", 400},
        {"GET / HTTPS/1.1\r\n", 400},
        {"GET / \r\n", 400},
        {"GET / RTSP/1.0\r\n", 400},
    });
}

TEST(RequestRefusals, Target)
{
    expectRefused({
        {withTarget("/#fragment"), 400},
        {withTarget("/\x7F"), 400},
        {withTarget("/\x01"), 400},
        {withTarget("/\0"s), 400},
        {withTarget("/\xC3\xA9"), 400},
        {withTarget("/%"), 400},
        {withTarget("/%4"), 400},
        {withTarget("/%4g"), 400},
        {withTarget("/%zz"), 400},
        {withTarget("/a%00b"), 400},
        {withTarget("/?a=%"), 400},
        {withTarget("*"), 400},
        {withTarget("*/", "OPTIONS"), 400},
        {withTarget("index.html"), 400},
        {withTarget("?a"), 400},
        {withTarget("ftp://a/"), 400},
        {withTarget("http:/a/"), 400},
        {withTarget("http:///a"), 400},
        {withTarget("http://:80/"), 400},
        {withTarget("http://user@a/"), 400},
        {withTarget("http://a:b/"), 400},
        {withTarget("http://a?b"), 400},
        {withTarget("a:443", "CONNECT"), 400},
        {withTarget("/", "CONNECT"), 400},
        {withTarget("http://a/", "CONNECT"), 400},
        {withTarget("/" + std::string(8192, 'a')), 414},
    });
}

TEST(RequestRefusals, Host)
{
    expectRefused({
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET http://a/ HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n", 400},
        {"GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n", 400},
        {"GET http://a/ HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        {withHost("a, b"), 400},
        {withHost("a,b"), 400},
        {withHost("a b"), 400},
        {withHost("a/b"), 400},
        {withHost("u@a"), 400},
        {withHost("a:"
                  "b"),
         400},
        {withHost("a:80:80"), 400},
        {withHost("a:65536"), 400},
        {withHost("a:000080"), 400},
        {withHost(":80"), 400},
        {withHost("[::1"), 400},
        {withHost("[::g]"), 400},
        {withHost("[1:2:3:4:5:6:7:8:9]"), 400},
        {withHost("[::1]x"), 400},
        {withHost("[127.0.0.1]"), 400},
        {withHost("[]"), 400},
        {withHost("::1"), 400},
        {withHost("a\\b"), 400},
        {withHost("a?b"), 400},
        {withHost("a#b"), 400},
        {withHost("<a>"), 400},
        {withHost("a%4"), 400},
        {withHost("a%00"), 400},
        {withHost("\xC3\xA9"), 400},
    });
}

TEST(RequestRefusals, Fields)
{
    expectRefused({
        {with("X : a"), 400},
        {with("X\t: a"), 400},
        {with(" X: a"), 400},
        {with("X: a\r\n b"), 400},
        {with("X: a\r\n\tb"), 400},
        {with("X"), 400},
        {with(": a"), 400},
        {with("X@: a"), 400},
        {with("X\xC3: a"), 400},
        {with("(X): a"), 400},
        {with("X: a\nY: b"), 400},
        {with("X: a\rY: b"), 400},
        {with("X: a\0b"s), 400},
        {with("X: a\x01"), 400},
        {with("X: \x7F"), 400},
        {with("X: \x1B[0m"), 400},
        {with("\0: a"s), 400},
        {with("Authorization: Bearer a\r\nAuthorization: Bearer a"), 400},
        {with("Origin: http://a\r\nORIGIN: http://b"), 400},
        {with("Content-Type: text/plain\r\nContent-Type: text/plain"), 400},
        {with("Sec-WebSocket-Key: a\r\nSec-WebSocket-Key: a"), 400},
        {with("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13"), 400},
        {with("X: " + std::string(16384, 'a')), 431},
    });
    std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 100; ++i)
        many += "X:\r\n";
    expectRefused({{many, 431}});
}

TEST(RequestRefusals, Framing)
{
    expectRefused({
        {with("Content-Length: "), 400},
        {with("Content-Length: -1"), 400},
        {with("Content-Length: +1"), 400},
        {with("Content-Length: 1 2"), 400},
        {with("Content-Length: 1, 1"), 400},
        {with("Content-Length: 1,1"), 400},
        {with("Content-Length: 0x1"), 400},
        {with("Content-Length: 1.0"), 400},
        {with("Content-Length: 1e3"), 400},
        {with("Content-Length: a"), 400},
        {with("Content-Length: \"1\""), 400},
        {with("Content-Length: 1\r\nContent-Length: 1"), 400},
        {with("Content-Length: 1\r\ncontent-length: 2"), 400},
        {with("Content-Length: 1234567890123456789"), 400},
        {with("Content-Length: 18446744073709551617"), 400},
        {with("Content-Length: 123456789012345678"), 413},
        {with("Content-Length: 1048577"), 413},
        {with("Transfer-Encoding: \x0B"
              "chunked"),
         400},
        {with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400},
        {with("Transfer-Encoding: chunked\r\nContent-Length: 1"), 400},
        {with("Content-Length: 1\r\nTransfer-Encoding: chunked"), 400},
        {with("Transfer-Encoding: chunked", "1.0"), 400},
        {with("Content-Encoding: gzip\r\nContent-Length: 1"), 415},
        {with("Content-Encoding: gzip\r\nTransfer-Encoding: chunked"), 415},
        {with("Content-Encoding: identity, gzip\r\nContent-Length: 1"), 415},
        {with("Expect: 200-ok"), 417},
        {with("Expect: 100-continue, x"), 417},
        {with("Expect: 100-continue\r\nExpect: y"), 417},
    });
}

// RFC 9112 §6.3 item 4: 400 where chunked is not the last coding, §6.1: 501 where it is and others precede
// it.
TEST(RequestRefusals, TransferCoding)
{
    for (const char *coding : {"gzip, chunked", "gzip,chunked", "identity, chunked",
                               "br;q=1 , gzip,\tChunked", "x;a=\"b,c\", chunked"})
        expectRefused({{with("Transfer-Encoding: " + std::string(coding)), 501}});
    for (const char *coding : {"",
                               "gzip",
                               "identity",
                               "xchunked",
                               "chunked, gzip",
                               "chunked, identity",
                               "chunked, chunked",
                               "gzip, chunked, chunked",
                               "chunked;q=1",
                               "chunked;",
                               "gzip, chunked;q=1",
                               "chunked;x, chunked",
                               "\"chunked\"",
                               "chunked,",
                               ",chunked",
                               ",",
                               "gzip,,chunked",
                               "gzip, chunked,",
                               "chunked chunked",
                               "a b, chunked",
                               "\"a,b\", chunked",
                               ";x, chunked"})
        expectRefused({{with("Transfer-Encoding: " + std::string(coding)), 400}});
    expectRefused({{with("Transfer-Encoding: gzip, chunked", "1.0"), 400}});
}

// Whoever answers has to know that HEAD gets no content.
TEST(RequestRefusals, KeepTheMethod)
{
    for (const char *bytes : {"HEAD * HTTP/1.1\r\n", "HEAD / HTTP/2.0\r\n", "HEAD / HTTP/1.1\r\nX : a\r\n"}) {
        RequestHead head;
        EXPECT_EQ(parseAlike(bytes, head).status, RequestParser::Status::Refused);
        EXPECT_EQ(head.method, "HEAD") << bytes;
    }
    const std::string endless = "HEAD /" + std::string(8192, 'a'); // the head is views into it
    RequestHead head;
    parseAlike(endless, head);
    EXPECT_EQ(head.method, "HEAD");
}

} // namespace
} // namespace mws::test
