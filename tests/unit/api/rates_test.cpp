#include "fakes.h"

#include <gtest/gtest.h>

namespace mws {

namespace {

constexpr char message[] = R"({"data":"x","receivers":{"sockets":["*"]}})";

class Rates : public ::testing::Test
{
protected:
    explicit Rates(AddressLimits limits = {}, ApiConfig config = {})
        : fixture(config, std::move(limits), "operator")
    {}
    template <typename Change>
    void limit(Change change)
    {
        fixture.setGateway("default", "secret", [&](Gateway &gateway) {
            gateway.serial = 1;
            change(gateway.settings.limits);
        });
    }
    std::string batchOf(size_t count) const
    {
        std::string body = R"({"messages":[)";
        for (size_t i = 0; i < count; ++i)
            body.append(i == 0 ? "" : ",").append(message);
        return body + "]}";
    }

    test::ApiFixture fixture;
};

AddressLimits messagesByAddress(uint64_t perSecond)
{
    AddressLimits limits;
    limits.perSecond[size_t(AddressRate::Messages)] = perSecond;
    limits.perSecond[size_t(AddressRate::Reservations)] = perSecond;
    return limits;
}

class AddressRates : public Rates
{
protected:
    AddressRates() : Rates(messagesByAddress(2)) {}
};

ApiConfig behindAProxy()
{
    ApiConfig config;
    config.trustForwarded = true;
    return config;
}

class ForwardedRates : public Rates
{
protected:
    ForwardedRates() : Rates(messagesByAddress(1), behindAProxy()) {}
};

} // namespace

TEST_F(Rates, EachMessageOfABatchCounts)
{
    limit([](Limits &limits) { limits.messagesPerSecond = 10; });
    EXPECT_EQ(fixture.ask("POST", "/v1/messages:batch", batchOf(9)).status, 200);
    EXPECT_EQ(fixture.ask("POST", "/v1/messages", message).status, 201);
    const auto refused = fixture.ask("POST", "/v1/messages", message);
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.header("Retry-After"), "1");
    EXPECT_NE(refused.body.find("TooManyRequests"), std::string::npos);
    EXPECT_EQ(fixture.hub.published.size(), 10u);
    fixture.clock.advance(std::chrono::milliseconds(100));
    EXPECT_EQ(fixture.ask("POST", "/v1/messages", message).status, 201);
    EXPECT_EQ(fixture.metrics.limited[LimitKind::GatewayMessages].value(), 1u);
}

TEST_F(Rates, RetryAfterIsWhatTheBucketNeeds)
{
    limit([](Limits &limits) { limits.messagesPerSecond = 1; });
    EXPECT_EQ(fixture.ask("POST", "/v1/messages:batch", batchOf(30)).status, 200)
        << "a full bucket owes the rest";
    EXPECT_EQ(fixture.ask("POST", "/v1/messages", message).header("Retry-After"), "30");
    EXPECT_EQ(fixture.ask("POST", "/v1/messages:batch", batchOf(2)).status, 429) << "all of it or nothing";
    EXPECT_EQ(fixture.hub.published.size(), 30u);
}

TEST_F(Rates, EnginioReceiverCountsToo)
{
    limit([](Limits &limits) { limits.messagesPerSecond = 1; });
    EXPECT_EQ(fixture.administer("POST", "/v1/webhook_receivers/enginio", message).status, 201);
    EXPECT_EQ(fixture.administer("POST", "/v1/webhook_receivers/enginio", message).status, 429);
}

TEST_F(Rates, WhoMayNotSendTakesNothing)
{
    limit([](Limits &limits) { limits.messagesPerSecond = 1; });
    fixture.setGateway("default", "secret", [](Gateway &gateway) {
        gateway.serial = 1;
        gateway.settings.limits.messagesPerSecond = 1;
        gateway.settings.accessControl = AccessControl::Custom;
    });
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(fixture.ask("POST", "/v1/messages", message).status, 401);
    EXPECT_EQ(fixture.administer("POST", "/v1/messages", message).status, 201);
}

TEST_F(Rates, OfReservationsAreForBothCalls)
{
    limit([](Limits &limits) { limits.reservationsPerSecond = 2; });
    EXPECT_EQ(fixture.ask("GET", "/v1/websocket_uri").status, 200);
    EXPECT_EQ(fixture.administer("POST", "/v1/sockets", R"({"tags":[]})").status, 201);
    EXPECT_EQ(fixture.ask("GET", "/v1/websocket_uri").status, 429);
    const auto refused = fixture.administer("POST", "/v1/sockets", R"({"tags":[]})");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.header("Retry-After"), "1");
    EXPECT_EQ(fixture.metrics.limited[LimitKind::GatewayReservations].value(), 2u);
}

TEST_F(Rates, OtherGatewaysAreNotLimited)
{
    limit([](Limits &limits) { limits.messagesPerSecond = 1; });
    EXPECT_EQ(fixture.ask("POST", "/v1/messages", message).status, 201);
    EXPECT_EQ(fixture.ask("POST", "/v1/messages", message).status, 429);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(fixture.ask("POST", "/v1/gateways/other/messages", message).status, 201);
}

TEST_F(AddressRates, LimitOneAddressAndNotTheOthers)
{
    EXPECT_EQ(fixture.ask("POST", "/v1/messages:batch", batchOf(2)).status, 200);
    EXPECT_EQ(fixture.ask("POST", "/v1/messages", message).status, 429);
    EXPECT_EQ(fixture.ask("GET", "/v1/websocket_uri").status, 200) << "another kind";
    EXPECT_EQ(fixture.ask("GET", "/v1/websocket_uri").status, 200);
    EXPECT_EQ(fixture.ask("GET", "/v1/websocket_uri").status, 429);
    fixture.remote = "192.0.2.2";
    EXPECT_EQ(fixture.ask("POST", "/v1/messages", message).status, 201);
    EXPECT_EQ(fixture.metrics.limited[LimitKind::AddressMessages].value(), 1u);
    EXPECT_EQ(fixture.metrics.limited[LimitKind::AddressReservations].value(), 1u);
}

TEST_F(AddressRates, BelieveNoForwardedAddressUnlessTold)
{
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(
            fixture.ask("POST", "/v1/messages", message, {{"x-forwarded-for", "9.9.9." + std::to_string(i)}})
                .status,
            201);
    EXPECT_EQ(fixture.ask("POST", "/v1/messages", message, {{"x-forwarded-for", "9.9.9.9"}}).status, 429);
}

TEST_F(ForwardedRates, TakeTheLastForwardedAddress)
{
    const auto from = [&](const std::string &addresses) {
        return fixture.ask("POST", "/v1/messages", message, {{"x-forwarded-for", addresses}}).status;
    };
    EXPECT_EQ(from("1.1.1.1, 203.0.113.7"), 201);
    EXPECT_EQ(from("2.2.2.2, 203.0.113.7"), 429) << "what stands before it is what a client says of itself";
    EXPECT_EQ(from("1.1.1.1, 203.0.113.8"), 201);
}

} // namespace mws
