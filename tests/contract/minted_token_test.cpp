#include "support/gateway_test.h"
#include "support/minted_token.h"

namespace mws::test {

namespace {

const std::string signingKey =
    std::string("a signing key that a backend shares with its gateway").append(12, '.');

using Claims = MintedClaims;

std::string mint(const std::string &claims, const std::string &key = signingKey)
{
    return mintToken(claims, key);
}

} // namespace

/// A backend that knows the signing key makes tokens itself.
class MintedToken : public GatewayTest
{
protected:
    MintedToken() : GatewayTest(guardedGateway({{"MWS_GATEWAY_SIGNING_KEY", base64(signingKey)}}))
    {
        gateway.secret(base64(signingKey));
    }
    RawWebSocket open(const std::string &token)
    {
        return RawWebSocket(gateway.endpoint(), "/v1/gateways/default/socket?token=" + gateway.secret(token));
    }
};

TEST_F(MintedToken, OpensASocketWithItsIdTagsAndUser)
{
    const Claims claims{.more = R"(,"sub":"eva","cm":"echo")"};
    RawWebSocket socket = open(mint(claimsText(claims)));
    ASSERT_TRUE(socket.isOpen()) << socket.answer().body;
    const JsonView shown(backend.get("/sockets/" + claims.socketId).body);
    EXPECT_THAT(shown.strings("/tags"), ::testing::Contains("minted"));
    EXPECT_EQ(shown.string("/user"), "eva");
    backend.sendToTag("minted", "to the minted");
    EXPECT_EQ(socket.readMessage(), "to the minted");
    socket.sendText("echo me");
    EXPECT_EQ(socket.readMessage(), "echo me");
}

TEST_F(MintedToken, OpensOnce)
{
    const std::string token = mint(claimsText({}));
    {
        EXPECT_TRUE(open(token).isOpen());
    }
    EXPECT_EQ(open(token).answer().status, 401);
}

TEST_F(MintedToken, WithWrongClaimsOrKeyIs401)
{
    EXPECT_EQ(open(mint(claimsText({}), "another key")).answer().status, 401);
    EXPECT_EQ(open(mint(claimsText({.issuer = "other"}))).answer().status, 401);
    EXPECT_EQ(open(mint(claimsText({.gateway = "other"}))).answer().status, 401);
    EXPECT_EQ(open(mint(claimsText({.socketId = "short"}))).answer().status, 401);
    EXPECT_EQ(open(mint(claimsText({.lifetime = -60}))).answer().status, 401);
    EXPECT_EQ(open(mint("{}")).answer().status, 401);
    EXPECT_EQ(open(mint("not json")).answer().status, 401);
}

TEST_F(MintedToken, OutlivesTheStateFolder)
{
    const Issued issued = backend.reserve();
    ASSERT_EQ(gateway.stop(), 0);
    std::filesystem::remove_all(gateway.stateFolder());
    gateway.start();
    EXPECT_TRUE(RawWebSocket(gateway.endpoint(), issued.target()).isOpen());
}

} // namespace mws::test
