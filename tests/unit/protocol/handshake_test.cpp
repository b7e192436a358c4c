#include "protocol/handshake.h"

#include <gmock/gmock.h>

namespace mws::test {
namespace {

const std::string plain = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// Parses first, as its caller does.
class Handshake : public testing::Test
{
protected:
    Result<HandshakeRequest> check(const std::string &fields, std::string_view line = "GET /ws HTTP/1.1")
    {
        m_bytes = std::string(line) + "\r\nHost: a\r\n" + fields + "\r\n";
        const auto outcome = RequestParser(RequestLimits{}).parse(m_bytes, m_head);
        EXPECT_EQ(outcome.status, RequestParser::Status::Complete) << outcome.error.message();
        return checkHandshake(m_head);
    }
    void expectError(ErrorCode code, const std::string &fields, std::string_view line = "GET /ws HTTP/1.1")
    {
        const Result<HandshakeRequest> request = check(fields, line);
        ASSERT_FALSE(request) << fields;
        EXPECT_EQ(request.error().code, code) << fields;
    }
    static std::string without(std::string_view name)
    {
        std::string fields = plain;
        const size_t at = fields.find(name);
        return fields.erase(at, fields.find('\n', at) + 1 - at);
    }

    std::string m_bytes;
    RequestHead m_head;
};

TEST_F(Handshake, TakesAPlainOne)
{
    const Result<HandshakeRequest> request = check(plain);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->key, "dGhlIHNhbXBsZSBub25jZQ==");
    EXPECT_EQ(request->origin, "");
    EXPECT_TRUE(request->subprotocols.empty());
}

TEST_F(Handshake, TakesSubprotocolsInOrder)
{
    const auto request = check(plain + "Sec-WebSocket-Protocol: b , a\r\nOrigin: https://x\r\n"
                                       "Sec-WebSocket-Protocol: c\r\nContent-Length: 0\r\n");
    ASSERT_TRUE(request);
    EXPECT_THAT(request->subprotocols, testing::ElementsAre("b", "a", "c"));
    EXPECT_EQ(request->origin, "https://x");
}

TEST_F(Handshake, RefusesOtherMethodsAndVersions)
{
    expectError(ErrorCode::MethodNotAllowed, plain, "POST /ws HTTP/1.1");
    expectError(ErrorCode::BadHandshake, plain, "GET /ws HTTP/1.0");
    expectError(ErrorCode::UpgradeRequired,
                without("Sec-WebSocket-Version") + "Sec-WebSocket-Version: 8\r\n");
    expectError(ErrorCode::UpgradeRequired,
                without("Sec-WebSocket-Version") + "Sec-WebSocket-Version: 013\r\n");
    expectError(ErrorCode::BadHandshake, without("Sec-WebSocket-Version"));
}

TEST_F(Handshake, RefusesWhatIsNoUpgrade)
{
    expectError(ErrorCode::BadHandshake, without("Connection"));
    expectError(ErrorCode::BadHandshake, without("Upgrade: "));
}

TEST_F(Handshake, RefusesABody)
{
    expectError(ErrorCode::BadHandshake, plain + "Content-Length: 1\r\n");
    expectError(ErrorCode::BadHandshake, plain + "Transfer-Encoding: chunked\r\n");
}

TEST_F(Handshake, RefusesKeysThatAreNot16Bytes)
{
    expectError(ErrorCode::BadHandshake, without("Sec-WebSocket-Key"));
    for (const std::string key :
         {"", "x", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ", "AAAA",
          "dGhlIHNhbXBsZSBub25jZQ===", "dGhlIHNhbXBsZSBub25jZQA=", "dGhlIHNhbXBsZSBub25jZ Q==",
          "dGhlIHNhbXBsZSBub25j-Q==", "dGhlIHNhbXBsZSBub25j=Q=="})
        expectError(ErrorCode::BadHandshake,
                    without("Sec-WebSocket-Key") + "Sec-WebSocket-Key: " + key + "\r\n");
}

TEST_F(Handshake, RefusesSubprotocolsThatAreNoTokensOrTwice)
{
    for (const std::string list : {"", "a,", ",a", "a,,b", "a b", "a,a", "a\"", "a;b", "a/b"})
        expectError(ErrorCode::BadHandshake, plain + "Sec-WebSocket-Protocol: " + list + "\r\n");
    expectError(ErrorCode::BadHandshake,
                plain + "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: a\r\n");
    EXPECT_TRUE(check(plain + "Sec-WebSocket-Protocol: a, A\r\n"));
}

TEST_F(Handshake, TakesSubprotocolsUpToTheirLimit)
{
    std::string list = "p0";
    for (int i = 1; i < 32; ++i)
        list += ",p" + std::to_string(i);
    EXPECT_TRUE(check(plain + "Sec-WebSocket-Protocol: " + list + "\r\n"));
    expectError(ErrorCode::BadHandshake, plain + "Sec-WebSocket-Protocol: " + list + ",x\r\n");
}

} // namespace
} // namespace mws::test
