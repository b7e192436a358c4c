#include "net/request_writer.h"

#include <gtest/gtest.h>

namespace mws {

namespace {

RequestHead parse(std::string_view bytes)
{
    RequestHead head;
    const auto outcome = RequestParser(RequestLimits{}).parse(bytes, head);
    EXPECT_EQ(outcome.status, RequestParser::Status::Complete) << outcome.error.message();
    return head;
}

} // namespace

TEST(RequestWriter, DropsWhatSpeaksOfTheConnection)
{
    const RequestHead head =
        parse("POST /v1/messages?a=b HTTP/1.1\r\nHost: x:80\r\nConnection: close, X-Y\r\n"
              "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\nAuthorization: Bearer t\r\n\r\n");
    EXPECT_EQ(writeRequest(head, "body"),
              "POST /v1/messages?a=b HTTP/1.1\r\nHost: x:80\r\nAuthorization: Bearer t\r\n"
              "Content-Length: 4\r\n\r\nbody");
}

TEST(RequestWriter, PassesOnTheNearestProxysForwardedForOnly)
{
    const RequestHead head = parse("GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 1.1.1.1\r\nA: b\r\n"
                                   "x-forwarded-for: 2.2.2.2, 3.3.3.3\r\n\r\n");
    EXPECT_EQ(head.lastField("X-Forwarded-For"), "2.2.2.2, 3.3.3.3");
    EXPECT_EQ(writeRequest(head, {}),
              "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\nx-forwarded-for: 2.2.2.2, 3.3.3.3\r\n\r\n");
}

TEST(RequestWriter, SaysWhenToComeBack)
{
    EXPECT_NE(writeRefusal({ErrorCode::TooManyRequests, {}, {}, std::chrono::seconds(7)}, "id")
                  .find("\r\nRetry-After: 7\r\n"),
              std::string::npos);
    EXPECT_NE(writeRefusal({ErrorCode::Unavailable, {}, {}}, "id").find("\r\nRetry-After: 5\r\n"),
              std::string::npos);
}

TEST(RequestWriter, PassesOnOriginFormThatQUrlReads)
{
    EXPECT_TRUE(writeRequest(parse("GET http://h.example/a?q={1}|\"x\" HTTP/1.1\r\nHost: other\r\n\r\n"), {})
                    .startsWith("GET /a?q=%7B1%7D%7C%22x%22 HTTP/1.1\r\nHost: h.example\r\n"));
    EXPECT_TRUE(writeRequest(parse("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"), {})
                    .startsWith("OPTIONS / HTTP/1.1\r\n"));
}

TEST(RequestWriter, TwoSlashesBeginAPathAndNoHost)
{
    EXPECT_TRUE(writeRequest(parse("GET //elsewhere/v1/messages HTTP/1.1\r\nHost: h\r\n\r\n"), {})
                    .startsWith("GET /%2Felsewhere/v1/messages HTTP/1.1\r\n"));
}

TEST(RequestWriter, HandshakeNamesItsPrivateId)
{
    const QByteArray bytes = writeHandshake("dGhlIHNhbXBsZSBub25jZQ==", 17);
    EXPECT_TRUE(bytes.startsWith("GET /17 HTTP/1.1\r\n"));
    EXPECT_TRUE(bytes.contains("\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
    EXPECT_TRUE(bytes.endsWith("\r\n\r\n"));
}

TEST(RequestWriter, RefusalSaysWhyAndEndsTheConnection)
{
    const std::string answer = writeRefusal(Error{ErrorCode::UpgradeRequired, {}, {}}, "id7");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 426 Upgrade Required\r\n"));
    EXPECT_NE(answer.find("\r\nSec-WebSocket-Version: 13\r\n"), std::string::npos);
    EXPECT_NE(answer.find("\r\nConnection: close, Upgrade\r\n"), std::string::npos);
    EXPECT_NE(answer.find("\r\nUpgrade: websocket\r\n"), std::string::npos);
    EXPECT_NE(answer.find("\r\nX-Request-Id: id7\r\n"), std::string::npos);
    const size_t body = answer.find("\r\n\r\n") + 4;
    EXPECT_EQ(answer.substr(body),
              R"({"error":{"reason":"UpgradeRequired","message":"Only WebSocket version 13 is spoken"}})");
    EXPECT_NE(answer.find("Content-Length: " + std::to_string(answer.size() - body) + "\r\n"),
              std::string::npos);
}

TEST(RequestWriter, RefusalQuotesItsMessage)
{
    const std::string answer = writeRefusal(Error{ErrorCode::BadRequest, "a \"quoted\" name", {}}, "x");
    EXPECT_NE(answer.find(R"("message":"a \"quoted\" name")"), std::string::npos);
}

TEST(RequestWriter, RefusalOfHeadHasNoContent)
{
    const Error error{ErrorCode::BadRequest, {}, {}};
    const std::string full = writeRefusal(error, "x");
    EXPECT_EQ(writeRefusal(error, "x", true), full.substr(0, full.find("\r\n\r\n") + 4));
}

} // namespace mws
