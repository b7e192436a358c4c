#include "unit/api/fakes.h"

#include <gtest/gtest.h>

namespace mws {
namespace {

using test::ApiFixture;

constexpr const char *hello = R"({ "receivers": {"tags": ["a"]}, "data": "hello" })";

TEST(MessageCalls, Answers201WithTheMessageAndCounts)
{
    ApiFixture fixture;
    for (const char *path : {"/v1/messages", "/v1/gateways/default/messages"}) {
        const auto answer = fixture.ask("POST", path, hello);
        EXPECT_EQ(answer.status, 201);
        EXPECT_EQ(answer.body, R"({"data":"hello","receivers":{"sockets":null,"tags":["a"]}})");
        EXPECT_EQ(answer.header("Mws-Receivers"), "matched=2, dropped=1");
        EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8");
    }
    ASSERT_EQ(fixture.hub.published.size(), 2u);
    EXPECT_EQ(fixture.hub.published[0].first, "default");
    EXPECT_EQ(fixture.hub.published[0].second.payload, "hello");
}

TEST(MessageCalls, SendsToTheGatewayOfThePath)
{
    ApiFixture fixture;
    EXPECT_EQ(fixture.ask("POST", "/v1/gateways/other/messages", hello).status, 201);
    EXPECT_EQ(fixture.hub.published[0].first, "other");
    EXPECT_EQ(fixture.ask("POST", "/v1/gateways/none/messages", hello).status, 404);
}

TEST(MessageCalls, Answers204WhereLittleIsPreferred)
{
    ApiFixture fixture;
    const auto answer = fixture.ask("POST", "/v1/messages", hello, {{"prefer", "wait=5, return=minimal"}});
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(answer.header("Mws-Receivers"), "matched=2, dropped=1");
    EXPECT_EQ(answer.header("Content-Type"), "");
}

TEST(MessageCalls, NamesThePropertyOfBadData)
{
    ApiFixture fixture;
    const auto answer = fixture.ask("POST", "/v1/messages", R"({"data":"x","receivers":{"tags":[1]}})");
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(
        answer.body,
        R"({"errors":[{"reason":"InvalidData","property":"receivers.tags[0]","message":"Must be a string"}]})");
    EXPECT_TRUE(fixture.hub.published.empty());
}

TEST(MessageCalls, DeliversAnIdOnceAndAnswersAlike)
{
    ApiFixture fixture;
    const std::string body = R"({"data":"x","receivers":{},"id":"order-7"})";
    const auto first = fixture.ask("POST", "/v1/messages", body);
    fixture.hub.outcome = {9, 9};
    const auto second = fixture.ask("POST", "/v1/messages", body);
    EXPECT_EQ(second.status, 201);
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(second.header("Mws-Receivers"), "matched=2, dropped=1");
    EXPECT_EQ(fixture.hub.published.size(), 1u);
    const auto other = fixture.ask("POST", "/v1/messages", R"({"data":"y","receivers":{},"id":"order-7"})");
    EXPECT_EQ(other.status, 422);
    EXPECT_NE(other.body.find(R"("property":"id")"), std::string::npos);
    EXPECT_EQ(fixture.ask("POST", "/v1/gateways/other/messages", body).status, 201);
    EXPECT_EQ(fixture.hub.published.size(), 2u);
}

TEST(MessageCalls, LetsOneBadMessageOfABatchStopNoneOfTheOthers)
{
    ApiFixture fixture;
    const auto answer = fixture.ask(
        "POST", "/v1/messages:batch",
        R"({"messages":[{"data":"1","receivers":{}},{"data":null},7,{"data":"2","receivers":{}}]})");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(
        answer.body,
        R"({"results":[{"status":201},)"
        R"({"status":422,"errors":[{"reason":"InvalidData","property":"data","message":"Must not be null"}]},)"
        R"({"status":422,"errors":[{"reason":"InvalidData","property":"","message":"Must be a JSON object"}]},)"
        R"({"status":201}]})");
    ASSERT_EQ(fixture.hub.published.size(), 2u);
    EXPECT_EQ(fixture.hub.published[1].second.payload, "2");
    EXPECT_EQ(fixture.ask("POST", "/v1/messages:batch", R"({"messages":[]})").body, R"({"results":[]})");
}

TEST(MessageCalls, RefusesABatchThatIsNone)
{
    ApiFixture fixture;
    fixture.setGateway("default", "secret", [](Gateway &g) { g.settings.limits.messagesPerBatch = 1; });
    EXPECT_EQ(fixture.ask("POST", "/v1/messages:batch", "[]").status, 422);
    EXPECT_EQ(fixture.ask("POST", "/v1/messages:batch", R"({"messages":[1,2]})").status, 422);
}

TEST(MessageCalls, TakesEnginioEventsWithTheSecurityToken)
{
    ApiFixture fixture;
    const char *event =
        R"({"payload":{"object":{"b":1,"a":2},"meta":{}},"receivers":[{"id":"john","objectType":"users"}]})";
    EXPECT_EQ(fixture.ask("POST", "/v1/webhook_receivers/enginio", event).status, 401);
    const auto answer = fixture.administer("POST", "/v1/webhook_receivers/enginio", event);
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(
        answer.body,
        R"({"data":{"object":{"b":1,"a":2},"meta":{}},"receivers":{"sockets":null,"tags":["users.john"]}})");
    ASSERT_EQ(fixture.hub.published.size(), 1u);
    EXPECT_EQ(fixture.hub.published[0].second.payload, R"({"object":{"b":1,"a":2},"meta":{}})");
    EXPECT_EQ(fixture.administer("POST", "/v1/webhook_receivers/enginio", "{}").status, 422);
}

TEST(MessageCalls, AsksForTheWriterOnceAndKeepsTheBody)
{
    ApiFixture fixture;
    fixture.setGateway("default", "secret", [](Gateway &g) {
        g.settings.accessControl = AccessControl::Eds;
        g.settings.permissions.write = {"users.1"};
    });
    const auto answer =
        fixture.start("POST", "/v1/messages:batch",
                      R"({"messages":[{"data":"1","receivers":{}},{"data":"2","receivers":{}}]})",
                      {{"authorization", "bearer  access"}});
    EXPECT_EQ(answer->status, 0);
    ASSERT_EQ(fixture.identity.tokens, std::vector<std::string>{"access"});
    fixture.identity.waiting[0](Identity{"1", {}});
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(fixture.hub.published.size(), 2u);
}

TEST(MessageCalls, OfAClusterIsAnsweredWhenTheBrokerHasAnswered)
{
    ApiFixture fixture;
    fixture.hub.clustered = true;
    const auto answer = fixture.start("POST", "/v1/messages", hello);
    EXPECT_EQ(answer->status, 0);
    ASSERT_EQ(fixture.hub.waiting.size(), 1u);
    EXPECT_EQ(fixture.hub.bodies[0], hello);
    fixture.hub.waiting[0](PublishOutcome{3, 0});
    EXPECT_EQ(answer->status, 201);
    EXPECT_EQ(answer->body, R"({"data":"hello","receivers":{"sockets":null,"tags":["a"]}})");
}

TEST(MessageCalls, BatchOfAClusterKeepsTheOrderOfItsResults)
{
    ApiFixture fixture;
    fixture.hub.clustered = true;
    const std::string body = std::string(R"({"messages":[)") + hello + R"(,{"data":1},)" + hello + "]}";
    const auto answer = fixture.start("POST", "/v1/messages:batch", body);
    ASSERT_EQ(fixture.hub.waiting.size(), 2u);
    fixture.hub.waiting[1](Unexpected(ErrorCode::Unavailable));
    EXPECT_EQ(answer->status, 0);
    fixture.hub.waiting[0](PublishOutcome{1, 0});
    EXPECT_EQ(answer->status, 200);
    const size_t good = answer->body.find("{\"status\":201}");
    const size_t bad = answer->body.find("\"status\":422");
    const size_t away = answer->body.find("\"status\":503");
    EXPECT_LT(good, bad);
    EXPECT_LT(bad, away);
    EXPECT_NE(away, std::string::npos);
}

} // namespace
} // namespace mws
