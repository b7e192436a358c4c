#include "support/event_backend.h"
#include "support/gateway_test.h"

namespace mws::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char webhookSecret[] = "whsec_c3VwZXItc2VjcmV0LW9mLXRoZS10ZXN0cw==";

struct HasBackend
{
    EventBackend eventBackend;
};

/// A gateway that asks before a socket opens, and tells nothing else but messages.
class ConnectEvent : protected HasBackend, public GatewayTest
{
protected:
    explicit ConnectEvent(Environment more = {}) : GatewayTest(guardedGateway(environment(std::move(more))))
    {
        gateway.secret(webhookSecret);
    }
    Environment environment(Environment more) const
    {
        more.insert({{"MWS_GATEWAY_EVENTS_URL", eventBackend.url()},
                     {"MWS_GATEWAY_EVENTS_SECRETS", webhookSecret},
                     {"MWS_GATEWAY_EVENTS_ALLOW_PRIVATE", "true"},
                     {"MWS_GATEWAY_EVENTS_TYPES", "message"},
                     {"MWS_GATEWAY_EVENTS_CONNECT", "true"},
                     {"MWS_GATEWAY_EVENTS_CONNECT_TIMEOUT", "30s"}});
        return more;
    }
    bool waitForQuestions(size_t count) const
    {
        return eventBackend.waitFor([count](const auto &received) { return received.size() >= count; });
    }
    /// A whole handshake, for who does not wait for its answer.
    std::string handshakeOf(const Issued &issued) const
    {
        return httpText({.target = issued.target(),
                         .headers = {{"Connection", "Upgrade"},
                                     {"Upgrade", "websocket"},
                                     {"Sec-WebSocket-Version", "13"},
                                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}}},
                        gateway.endpoint());
    }
    int statusOf(const Issued &issued) { return backend.openIssued(issued).answer().status; }
};

class OptionalConnectEvent : public ConnectEvent
{
protected:
    OptionalConnectEvent() : ConnectEvent({{"MWS_GATEWAY_EVENTS_CONNECT_OPTIONAL", "true"}}) {}
};

} // namespace

TEST_F(ConnectEvent, LetsASocketOpen)
{
    const Issued issued = backend.reserve({"room:1"}, R"("user":"eva")");
    RawWebSocket socket = backend.openIssued(issued);
    ASSERT_EQ(socket.answer().status, 101);
    ASSERT_EQ(eventBackend.received().size(), 1u);
    const ReceivedEvent question = eventBackend.received().front();
    EXPECT_EQ(question.type(), "socket.connect");
    EXPECT_EQ(question.data("id"), issued.id);
    EXPECT_EQ(question.data("user"), "eva");
    EXPECT_THAT(JsonView(question.body).strings("/data/tags"), ElementsAre("room:1"));
    EXPECT_THAT(question.fields.at("webhook-signature"), HasSubstr("v1,"));
    backend.sendToTag("room:1", "hello");
    EXPECT_EQ(socket.readMessage(), "hello");
}

TEST_F(ConnectEvent, SetsUserAndTags)
{
    eventBackend.setManner({.status = 200, .body = R"({"user":"adam","tags":["vip","vip","room:2"]})"});
    OpenSocket open = backend.open({"room:1"}, R"("user":"eva")");
    const HttpAnswer shown = backend.get("/sockets/" + open.id);
    EXPECT_EQ(JsonView(shown.body).string("/user"), "adam");
    EXPECT_THAT(JsonView(shown.body).strings("/tags"), ElementsAre("vip", "room:2"));
    backend.sendToTag("room:1", "not for it");
    backend.sendToTag("vip", "for it");
    EXPECT_EQ(open.socket.readMessage(), "for it");
}

TEST_F(ConnectEvent, RefusesAndSpendsTheToken)
{
    const Issued once = backend.reserve();
    const Issued reusable = backend.reserve({}, R"("reuse":true)");
    eventBackend.setManner({.status = 401});
    EXPECT_EQ(statusOf(once), 403);
    EXPECT_EQ(statusOf(reusable), 403);
    eventBackend.setManner({});
    EXPECT_EQ(statusOf(once), 401);
    EXPECT_EQ(eventBackend.received().size(), 2u); // nobody is asked about a spent token
    EXPECT_EQ(statusOf(reusable), 101);
}

TEST_F(ConnectEvent, Answers503WhereTheBackendFails)
{
    eventBackend.setManner({.status = 500});
    EXPECT_EQ(statusOf(backend.reserve()), 503);
    eventBackend.setManner({.status = 200, .body = R"({"tags":"vip"})"});
    EXPECT_EQ(statusOf(backend.reserve()), 503);
    EXPECT_TRUE(gateway.waitForLog("the backend did not say whether a socket may open"));
    eventBackend.setManner({});
    EXPECT_EQ(statusOf(backend.reserve()), 101);
}

TEST_F(OptionalConnectEvent, OpensWhereTheBackendFails)
{
    eventBackend.setManner({.status = 500});
    EXPECT_EQ(statusOf(backend.reserve()), 101);
    eventBackend.setManner({.status = 403});
    EXPECT_EQ(statusOf(backend.reserve()), 403);
}

TEST_F(ConnectEvent, ForgetsAClientThatVanishedMeanwhile)
{
    ASSERT_EQ(configure(R"({"limits":{"sockets":1}})").status, 200);
    eventBackend.setManner({.silent = true});
    {
        RawConnection client(gateway.endpoint());
        client.send(handshakeOf(backend.reserve()));
        ASSERT_TRUE(waitForQuestions(1));
        EXPECT_EQ(statusOf(backend.reserve()), 503); // the place is taken meanwhile
        client.reset();
    }
    eventBackend.setManner({});
    int status = 0;
    for (const Deadline deadline(longPatience); status != 101 && deadline.left() > 0;)
        status = statusOf(backend.reserve()); // the end of a connection is learnt a little later
    EXPECT_EQ(status, 101);
}

TEST_F(ConnectEvent, IsBrokenOffByADrain)
{
    eventBackend.setManner({.silent = true});
    RawConnection client(gateway.endpoint());
    client.send(handshakeOf(backend.reserve()));
    ASSERT_TRUE(waitForQuestions(1));
    gateway.signal(SIGTERM);
    EXPECT_EQ(readHttpAnswer(client).status, 503);
    EXPECT_EQ(gateway.waitForExit(std::chrono::seconds(20)), 0);
}

} // namespace mws::test
