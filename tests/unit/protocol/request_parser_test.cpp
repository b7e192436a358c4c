#include "request_outcome.h"

#include <gmock/gmock.h>

namespace mws::test {
namespace {

using Status = RequestParser::Status;

RequestHead complete(std::string_view bytes, const RequestLimits &limits = {})
{
    RequestHead head;
    const RequestParser::Outcome outcome = parseAlike(bytes, head, limits);
    EXPECT_EQ(outcome.status, Status::Complete) << bytes << "\n" << outcome.error.message();
    return head;
}

RequestHead withFields(std::string fields, std::string_view line = "GET / HTTP/1.1")
{
    static std::vector<std::unique_ptr<std::string>> kept; // heads point into them
    kept.push_back(std::make_unique<std::string>(std::string(line) + "\r\nHost: a\r\n" + fields + "\r\n"));
    return complete(*kept.back());
}

TEST(RequestParser, ReadsAPlainGet)
{
    const RequestHead head =
        complete("GET /a/b?c=d&e HTTP/1.1\r\nHost: example.org:80\r\nX-Y:  z \t\r\n\r\n");
    EXPECT_EQ(head.method, "GET");
    EXPECT_EQ(head.target, "/a/b?c=d&e");
    EXPECT_EQ(head.path(), "/a/b");
    EXPECT_EQ(head.query(), "c=d&e");
    EXPECT_EQ(head.host, "example.org:80");
    EXPECT_EQ(head.field("x-y"), "z");
    EXPECT_EQ(head.field("none"), "");
    EXPECT_EQ(head.fieldCount("HOST"), 1u);
    EXPECT_EQ(head.contentLength, -1);
    EXPECT_FALSE(head.chunked);
    EXPECT_TRUE(head.keepAlive);
    EXPECT_FALSE(head.upgradeWebSocket);
    EXPECT_FALSE(head.expectContinue);
    EXPECT_EQ(head.minorVersion, 1);
}

TEST(RequestParser, TellsWhereTheHeadEnds)
{
    RequestHead head;
    const std::string_view bytes = "\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET";
    const RequestParser::Outcome outcome = parseAlike(bytes, head);
    EXPECT_EQ(bytes.substr(outcome.headSize), "abcGET");
    EXPECT_EQ(head.contentLength, 3);
}

TEST(RequestParser, WaitsForTheRest)
{
    RequestHead head;
    for (const std::string_view part : {"", "\r", "\r\n", "G", "GET / HTTP/1.1\r",
                                        "GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r"})
        EXPECT_EQ(parseAlike(part, head).status, Status::NeedMore) << part;
}

TEST(RequestParser, ForgetsTheHeadBefore)
{
    RequestHead head;
    const RequestParser parser{RequestLimits{}};
    (void)parser.parse("POST /x HTTP/1.0\r\nContent-Length: 3\r\nConnection: close\r\n\r\n", head);
    (void)parser.parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n", head);
    EXPECT_EQ(head.contentLength, -1);
    EXPECT_TRUE(head.keepAlive);
    EXPECT_EQ(head.fields.size(), 1u);
}

TEST(RequestParser, ReducesAbsoluteForm)
{
    const RequestHead head = complete("GET HTTP://b.example:8080/x?y HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(head.target, "/x?y");
    EXPECT_EQ(head.host, "b.example:8080");
    const RequestHead bare = complete("GET https://[::1] HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(bare.target, "/");
    EXPECT_EQ(bare.host, "[::1]");
}

TEST(RequestParser, TakesAsteriskForOptions)
{
    EXPECT_EQ(complete("OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n").target, "*");
}

TEST(RequestParser, TakesEmptyHost)
{
    EXPECT_EQ(complete("GET / HTTP/1.1\r\nHost: \r\n\r\n").host, "");
}

TEST(RequestParser, NeedsNoHostInHttp10)
{
    const RequestHead head = complete("GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(head.minorVersion, 0);
    EXPECT_FALSE(head.keepAlive);
}

TEST(RequestParser, KeepsHttp10AliveWhenAsked)
{
    EXPECT_TRUE(complete("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keepAlive);
    EXPECT_FALSE(complete("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n").keepAlive);
}

TEST(RequestParser, CombinesConnectionFields)
{
    EXPECT_FALSE(withFields("Connection: foo\r\nConnection: bar , Close\r\n").keepAlive);
    const RequestHead head =
        withFields("Connection: keep-alive\r\nConnection: Upgrade\r\nUpgrade: h2c, WebSocket\r\n");
    EXPECT_TRUE(head.upgradeWebSocket);
    EXPECT_TRUE(head.keepAlive);
    EXPECT_FALSE(withFields("Upgrade: websocket\r\n").upgradeWebSocket);
    EXPECT_FALSE(withFields("Connection: upgrade\r\nUpgrade: \"websocket\"\r\n").upgradeWebSocket);
}

TEST(RequestParser, ReadsTheBodysFraming)
{
    EXPECT_TRUE(withFields("Transfer-Encoding: Chunked\r\n", "POST / HTTP/1.1").chunked);
    EXPECT_EQ(withFields("Content-Length: 0\r\n", "POST / HTTP/1.1").contentLength, 0);
    EXPECT_EQ(withFields("Content-Length: 000000000000001024\r\n").contentLength, 1024);
}

TEST(RequestParser, ExpectsContinueOnlyForABody)
{
    EXPECT_TRUE(withFields("Expect: 100-Continue\r\nContent-Length: 1\r\n").expectContinue);
    EXPECT_TRUE(withFields("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n").expectContinue);
    EXPECT_FALSE(withFields("Expect: 100-continue\r\n").expectContinue);
    EXPECT_FALSE(withFields("Expect: rainbows\r\nContent-Length: 1\r\n", "GET / HTTP/1.0").expectContinue);
}

TEST(RequestParser, TakesIdentityAndCodingsWithoutABody)
{
    withFields("Content-Encoding: Identity\r\nContent-Length: 1\r\n");
    withFields("Content-Encoding: gzip\r\n");
    withFields("Content-Encoding: gzip\r\nContent-Length: 0\r\n");
}

TEST(RequestParser, TakesObsTextAndTabInValues)
{
    EXPECT_EQ(withFields("X: a\t\xC3\xA9\x80\r\n").field("X"), "a\t\xC3\xA9\x80");
    EXPECT_EQ(withFields("X:\r\n").fieldCount("X"), 1u);
}

TEST(RequestParser, TakesTheHeadAtItsExactLimits)
{
    const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    RequestLimits limits;
    limits.headBytes = 64;
    const std::string whole = start + std::string(64 - start.size() - 4, 'x') + "\r\n\r\n";
    complete(whole, limits);
    RequestHead head;
    const std::string longer = start + std::string(65 - start.size() - 4, 'x') + "\r\n\r\n";
    EXPECT_EQ(parseAlike(longer, head, limits).error.httpStatus(), 431);
    EXPECT_EQ(parseAlike(std::string_view(longer).substr(0, 64), head, limits).error.httpStatus(), 431);
    EXPECT_EQ(parseAlike(std::string_view(longer).substr(0, 63), head, limits).status, Status::NeedMore);
}

TEST(RequestParser, TakesTheTargetAtItsExactLimit)
{
    RequestLimits limits;
    limits.targetBytes = 10;
    complete("GET /123456789 HTTP/1.1\r\nHost: a\r\n\r\n", limits);
    RequestHead head;
    EXPECT_EQ(parseAlike("GET /1234567890 HTTP/1.1\r\n", head, limits).error.httpStatus(), 414);
    EXPECT_EQ(parseAlike("GET /1234567890", head, limits).error.httpStatus(), 414);
    EXPECT_EQ(parseAlike("GET /1234567890\r\n", head, limits).error.httpStatus(), 414);
    EXPECT_EQ(parseAlike("GET /123456789\r\n", head, limits).error.httpStatus(), 400);
    EXPECT_EQ(parseAlike("GET /123456789", head, limits).status, Status::NeedMore);
}

// Found by fuzzing: the answer to a whole line was another than that to its beginning.
TEST(RequestParser, ChecksTheRequestLinesLimitsBeforeItsEnd)
{
    RequestLimits limits;
    limits.targetBytes = 10;
    RequestHead head;
    EXPECT_EQ(parseAlike("GET /1234567890 HTTP/1.1\n", head, limits).error.httpStatus(), 414);
    EXPECT_EQ(parseAlike("GET /1234567890\n", head, limits).error.httpStatus(), 414);
    EXPECT_EQ(parseAlike("\rT TIONS\xEE\n", head).error.httpStatus(), 400);
}

TEST(RequestParser, TakesFieldsUpToTheirLimit)
{
    RequestLimits limits;
    limits.fields = 3;
    complete("GET / HTTP/1.1\r\nHost: a\r\nA:\r\nB:\r\n\r\n", limits);
    RequestHead head;
    EXPECT_EQ(parseAlike("GET / HTTP/1.1\r\nHost: a\r\nA:\r\nB:\r\nC:\r\n", head, limits).error.httpStatus(),
              431);
}

TEST(RequestParser, TakesTheBodyAtItsExactLimit)
{
    RequestLimits limits;
    limits.bodyBytes = 9;
    complete("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", limits);
    RequestHead head;
    const auto outcome = parseAlike("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n", head, limits);
    EXPECT_EQ(outcome.error.httpStatus(), 413);
}

TEST(RequestParser, TakesAMethodOf32Characters)
{
    complete(std::string(32, 'M') + " / HTTP/1.1\r\nHost: a\r\n\r\n");
    RequestHead head;
    EXPECT_EQ(parseAlike(std::string(33, 'M'), head).error.httpStatus(), 501);
}

TEST(RequestParser, NamesTheFieldButNotItsValue)
{
    RequestHead head;
    const auto outcome = parseAlike("GET / HTTP/1.1\r\nHost: a\r\nX-Secret: hush\x01\r\n", head);
    EXPECT_THAT(outcome.error.detail, testing::HasSubstr("X-Secret"));
    EXPECT_THAT(outcome.error.detail, testing::Not(testing::HasSubstr("hush")));
    const auto length = parseAlike("GET / HTTP/1.1\r\nContent-Length: 1234x\r\n", head);
    EXPECT_THAT(length.error.detail, testing::HasSubstr("Content-Length"));
    EXPECT_THAT(length.error.detail, testing::Not(testing::HasSubstr("1234")));
}

} // namespace
} // namespace mws::test
