#include "support/gateway_test.h"

namespace mws::test {

using ::testing::HasSubstr;

class WebhookReceiver : public EachBase
{
protected:
    HttpAnswer hook(const std::string &body) { return api.post("/webhook_receivers/enginio", body); }
};
MWS_FOR_EACH_BASE(WebhookReceiver);

TEST_P(WebhookReceiver, PayloadObjectGoesToAllAsText)
{
    OpenSocket open = api.open();
    const HttpAnswer answer =
        hook(R"({"payload": {"object": {"id":"1","title":"milk"}, "meta": {"eventType":"create"}},
                                       "receivers": [{"id": "*", "objectType": "aclSubject"}]})");
    ASSERT_EQ(answer.status, 201) << answer.body;
    const std::string payload = R"({"object":{"id":"1","title":"milk"},"meta":{"eventType":"create"}})";
    EXPECT_EQ(open.socket.readMessage(), payload);
    EXPECT_EQ(answer.body, "{\"data\":" + payload + R"(,"receivers":{"sockets":["*"],"tags":null}})");
}

TEST_P(WebhookReceiver, PayloadTextIsDeliveredAsItIs)
{
    OpenSocket open = api.open();
    EXPECT_EQ(
        hook(R"({"payload":"{\"object\": {}}","receivers":[{"id":"*","objectType":"aclSubject"}]})").status,
        201);
    EXPECT_EQ(open.socket.readMessage(), R"({"object": {}})");
}

TEST_P(WebhookReceiver, OtherReceiversBecomeTags)
{
    OpenSocket john = api.open({"users.john"});
    OpenSocket admin = api.open({"usergroups.admins"});
    OpenSocket nobody = api.open({"john"});
    EXPECT_EQ(hook(R"({"payload":"{\"n\":1}","receivers":[{"id":"john","objectType":"users"},
                       {"id":"admins","objectType":"usergroups"}]})")
                  .status,
              201);
    api.sendToAll("next");
    EXPECT_EQ(john.socket.readMessage(), R"({"n":1})");
    EXPECT_EQ(admin.socket.readMessage(), R"({"n":1})");
    EXPECT_EQ(nobody.socket.readMessage(), "next");
}

TEST_P(WebhookReceiver, StarOfAnotherTypeIsNotEverybody)
{
    OpenSocket open = api.open();
    EXPECT_EQ(hook(R"({"payload":"{\"n\":1}","receivers":[{"id":"*","objectType":"users"}]})").status, 201);
    api.sendToAll("next");
    EXPECT_EQ(open.socket.readMessage(), "next");
}

TEST_P(WebhookReceiver, DataWithReceiversIsAsPostMessages)
{
    OpenSocket open = api.open({"t"});
    const HttpAnswer answer = hook(R"({"data":"text","receivers":{"sockets":null,"tags":["t"]}})");
    ASSERT_EQ(answer.status, 201);
    EXPECT_EQ(answer.body, R"({"data":"text","receivers":{"sockets":null,"tags":["t"]}})");
    EXPECT_EQ(open.socket.readMessage(), "text");
}

TEST_P(WebhookReceiver, BareEventGoesToAll)
{
    OpenSocket open = api.open();
    EXPECT_EQ(hook(R"({"object": {"id": 7}, "meta": {"eventType": "delete"}})").status, 201);
    EXPECT_EQ(open.socket.readMessage(), R"({"object":{"id":7},"meta":{"eventType":"delete"}})");
}

TEST_P(WebhookReceiver, PayloadWinsOverData)
{
    OpenSocket open = api.open();
    EXPECT_EQ(hook(R"({"data":"d","payload":"{\"n\":1}","receivers":[{"id":"*","objectType":"aclSubject"}]})")
                  .status,
              201);
    EXPECT_EQ(open.socket.readMessage(), R"({"n":1})");
}

TEST_P(WebhookReceiver, EmptyListReachesNobody)
{
    OpenSocket open = api.open();
    EXPECT_EQ(hook(R"({"payload":"{\"n\":1}","receivers":[]})").status, 201);
    api.sendToAll("next");
    EXPECT_EQ(open.socket.readMessage(), "next");
}

TEST_P(WebhookReceiver, AnythingElseIs422AndNamesTheProperty)
{
    struct Row
    {
        const char *body, *property;
    };
    for (const Row &row :
         {Row{R"({"payload":"{\"n\":1}"})", "receivers"},
          Row{R"({"payload":"{\"n\":1}","receivers":"*"})", "receivers"},
          Row{R"({"payload":"{\"n\":1}","receivers":[{"objectType":"users"}]})", "receivers[0].id"},
          Row{R"({"payload":"{\"n\":1}","receivers":[{"id":"a"}]})", "receivers[0].objectType"}}) {
        const HttpAnswer answer = hook(row.body);
        EXPECT_EQ(answer.status, 422) << row.body;
        EXPECT_EQ(errorProperty(answer), row.property) << row.body;
    }
    for (const char *body : {"{}", "[]", "nonsense", R"({"payload":"not JSON","receivers":[]})",
                             R"({"object":{}})", R"({"data":"x"})"})
        EXPECT_EQ(hook(body).status, 422) << body;
}

TEST_P(WebhookReceiver, NeedsTheSecurityToken)
{
    GatewayApi stranger(api.client().endpoint(), api.base(), "");
    const HttpAnswer answer = stranger.post("/webhook_receivers/enginio", R"({"object":{},"meta":{}})");
    EXPECT_EQ(answer.status, 401);
    EXPECT_THAT(errorReason(answer), HasSubstr("Authentication"));
}

} // namespace mws::test
