#include "support/gateway_test.h"

#include <QByteArray>
#include <QMessageAuthenticationCode>
#include <ctime>

namespace mws::test {

namespace {

const QByteArray signingKey =
    QByteArray("a signing key that a backend shares with its gateway").leftJustified(64, '.');

QByteArray base64Url(const QByteArray &bytes)
{
    return bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

/// A JWT, HS256, made without anything of the gateway's (RFC 7515 §3.1).
std::string mint(const std::string &claims, const QByteArray &key = signingKey)
{
    const QByteArray signedPart =
        base64Url(R"({"alg":"HS256","typ":"JWT"})") + '.' + base64Url(QByteArray::fromStdString(claims));
    const QByteArray signature =
        QMessageAuthenticationCode::hash(signedPart, key, QCryptographicHash::Sha256);
    return (signedPart + '.' + base64Url(signature)).toStdString();
}

struct Claims
{
    std::string issuer = "mws";
    std::string gateway = "default";
    std::string socketId = "BackendMadeThisSocketId000000001";
    std::string more = {};
    int64_t lifetime = 60;
};

std::string claimsText(const Claims &claims)
{
    static int minted = 0;
    const int64_t now = std::time(nullptr);
    return R"({"iss":")" + claims.issuer + R"(","gw":")" + claims.gateway + R"(","sid":")" + claims.socketId +
           R"(","tags":["minted"],"jti":"backend-)" + std::to_string(++minted) + R"(","iat":)" +
           std::to_string(now) + R"(,"exp":)" + std::to_string(now + claims.lifetime) + claims.more + '}';
}

} // namespace

/// A backend that knows the signing key makes tokens itself.
class MintedToken : public GatewayTest
{
protected:
    MintedToken()
        : GatewayTest(guardedGateway({{"MWS_GATEWAY_SIGNING_KEY", signingKey.toBase64().toStdString()}}))
    {
        gateway.secret(signingKey.toBase64().toStdString());
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
