#include "hub/admission.h"

#include "support/fake_clock.h"
#include "token/token_codec.h"

#include <gtest/gtest.h>

namespace mws {

namespace {

std::shared_ptr<Gateway> gateway(const std::string &id, uint32_t serial)
{
    auto result = std::make_shared<Gateway>();
    result->id = id;
    result->serial = serial;
    result->signingKeys = {SigningKey{std::string(32, char('a' + serial)), std::nullopt}};
    return result;
}

class AdmissionTest : public testing::Test
{
protected:
    AdmissionTest()
    {
        m_table.gateways = {{"default", m_default}, {"other", m_other}};
        m_table.defaultId = "default";
    }

    std::string token(const Gateway &issuer)
    {
        Reservation reservation;
        reservation.socketId = SocketId::random();
        reservation.tags = {"t"};
        reservation.tokenId = "jti";
        reservation.issuedAt = m_clock.wall();
        reservation.expiresAt = m_clock.wall() + std::chrono::minutes(5);
        return signToken(issuer, reservation).value();
    }

    Result<Admitted> admit(const std::string &target, const HandshakeRequest &handshake = {})
    {
        RequestHead head;
        head.target = target;
        return checkAdmission(m_table, head, handshake, m_clock.wall());
    }

    test::FakeClock m_clock;
    std::shared_ptr<Gateway> m_default = gateway("default", 1);
    std::shared_ptr<Gateway> m_other = gateway("other", 2);
    GatewayTable m_table;
};

} // namespace

TEST_F(AdmissionTest, TakesATokenOnEachOfItsPaths)
{
    const std::string query = "?token=" + token(*m_other);
    for (const std::string &path : {std::string("/v1/gateways/other/socket"), std::string("/")}) {
        const Result<Admitted> admitted = admit(path + query);
        ASSERT_TRUE(admitted) << path << ": " << admitted.error().message();
        EXPECT_EQ(admitted->gateway, m_other);
        EXPECT_EQ(admitted->reservation.tags, std::vector<Tag>{"t"});
    }
    EXPECT_TRUE(admit("/v1/socket?token=" + token(*m_default)));
    EXPECT_TRUE(admit("/v1/socket?x=y&token=" + token(*m_default) + "&z"));
}

TEST_F(AdmissionTest, RefusesATokenOfAnotherGateway)
{
    EXPECT_EQ(admit("/v1/gateways/default/socket?token=" + token(*m_other)).error().code,
              ErrorCode::InvalidToken);
    EXPECT_EQ(admit("/v1/socket?token=" + token(*m_other)).error().code, ErrorCode::InvalidToken);
}

TEST_F(AdmissionTest, NamesWhatIsMissing)
{
    EXPECT_EQ(admit("/v1/gateways/none/socket?token=x").error().code, ErrorCode::NotFound);
    EXPECT_EQ(admit("/v1/gateways/other/sockets").error().code, ErrorCode::NotFound);
    EXPECT_EQ(admit("/v1/gateways//socket").error().code, ErrorCode::NotFound);
    EXPECT_EQ(admit("/v1/gateways/other/socket").error().code, ErrorCode::InvalidToken);
    EXPECT_EQ(admit("/v1/gateways/other/socket?token=").error().code, ErrorCode::InvalidToken);
    const std::string good = token(*m_other);
    EXPECT_EQ(admit("/v1/gateways/other/socket?token=" + good + "&token=" + good).error().code,
              ErrorCode::InvalidToken);
}

TEST_F(AdmissionTest, ChecksTheOriginBeforeTheToken)
{
    m_other->settings.allowedOrigins = {"https://a.example"};
    HandshakeRequest handshake;
    handshake.origin = "https://evil.example";
    EXPECT_EQ(admit("/v1/gateways/other/socket?token=x", handshake).error().code, ErrorCode::OriginDenied);
    handshake.origin = "https://a.example";
    EXPECT_TRUE(admit("/v1/gateways/other/socket?token=" + token(*m_other), handshake));
    EXPECT_TRUE(admit("/v1/gateways/other/socket?token=" + token(*m_other))) << "no Origin: not a browser";
}

TEST_F(AdmissionTest, TakesAnEmptyOriginForOneThatIsOnNoList)
{
    const std::string target = "/v1/socket?token=" + token(*m_default);
    RequestHead head;
    head.target = target;
    head.fields.push_back({"Origin", ""});
    EXPECT_TRUE(checkAdmission(m_table, head, {}, m_clock.wall())) << "any origin is allowed";
    m_default->settings.allowedOrigins = {"https://a.example", "null"};
    EXPECT_EQ(checkAdmission(m_table, head, {}, m_clock.wall()).error().code, ErrorCode::OriginDenied);
}

TEST_F(AdmissionTest, ChoosesTheFirstSubprotocolThatIsAllowed)
{
    HandshakeRequest handshake;
    handshake.subprotocols = {"a", "b"};
    EXPECT_EQ(admit("/v1/socket?token=" + token(*m_default), handshake)->subprotocol, "a");
    m_default->settings.subprotocols = {"b", "c"};
    EXPECT_EQ(admit("/v1/socket?token=" + token(*m_default), handshake)->subprotocol, "b");
    m_default->settings.subprotocols = std::vector<std::string>{};
    EXPECT_EQ(admit("/v1/socket?token=" + token(*m_default), handshake)->subprotocol, "");
}

TEST_F(AdmissionTest, OpensAnonymousSocketsOnlyWhereTheyAreAllowed)
{
    EXPECT_EQ(admit("/").error().code, ErrorCode::InvalidToken);
    m_default->settings.anonymousSockets = {true, {"guests"}};
    const Result<Admitted> admitted = admit("/");
    ASSERT_TRUE(admitted);
    EXPECT_EQ(admitted->reservation.tags, std::vector<Tag>{"guests"});
    EXPECT_TRUE(admitted->reservation.tokenId.empty());
    m_default->settings.accessControl = AccessControl::Custom;
    EXPECT_EQ(admit("/").error().code, ErrorCode::InvalidToken);
}

} // namespace mws
