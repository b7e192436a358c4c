#include "support/event_backend.h"
#include "support/gateway_test.h"

#include <algorithm>
#include <thread>

namespace mws::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char webhookSecret[] = "whsec_c3VwZXItc2VjcmV0LW9mLXRoZS10ZXN0cw==";
constexpr char urlKey[] = "secret-of-the-query-51c7";

/// Before GatewayTest, which is told its port.
struct HasBackend
{
    EventBackend eventBackend;
};

class Events : protected HasBackend, public GatewayTest
{
protected:
    Events() : GatewayTest(guardedGateway(environment({})))
    {
        gateway.secret(webhookSecret);
        gateway.secret(urlKey);
    }
    explicit Events(const Environment &more, const std::string &configuration = {})
        : GatewayTest(
              {.environment = guardedGateway(environment(more)).environment, .configuration = configuration})
    {
        gateway.secret(webhookSecret);
    }

    Environment environment(Environment more) const
    {
        more.insert({{"MWS_GATEWAY_EVENTS_URL", eventBackend.url("/events?key=" + std::string(urlKey))},
                     {"MWS_GATEWAY_EVENTS_SECRETS", webhookSecret},
                     {"MWS_GATEWAY_EVENTS_ALLOW_PRIVATE", "true"},
                     {"MWS_GATEWAY_EVENTS_PAUSE", "20ms"},
                     {"MWS_GATEWAY_CLIENT_MESSAGES", "webhook"}});
        return more;
    }
    /// PUT configuration, whatever it answers.
    HttpAnswer put(const std::string &json) { return backend.call("PUT", "/configuration", json); }
    /// What the messages of a socket said, in the order in which they were accepted.
    std::vector<std::string> messagesOf(const std::string &socket) const
    {
        std::vector<std::string> texts;
        for (const ReceivedEvent &event : eventBackend.accepted())
            if (event.type() == "socket.message" && event.data("id") == socket)
                texts.push_back(event.data("data"));
        return texts;
    }
    std::vector<std::string> acceptedTypes() const
    {
        std::vector<std::string> types;
        for (const ReceivedEvent &event : eventBackend.accepted())
            types.push_back(event.type());
        return types;
    }
    /// That the state folder holds `text`: it survives a crash from then on.
    bool waitUntilStored(const std::string &text) const
    {
        for (const Deadline deadline(longPatience); deadline.left() > 0; std::this_thread::yield())
            for (const char *name : {"events.sqlite", "events.sqlite-wal"})
                if (readFile(gateway.stateFolder() / name).find(text) != std::string::npos)
                    return true;
        return false;
    }
    bool waitForMetric(const std::string &line)
    {
        for (const Deadline deadline(longPatience); deadline.left() > 0;) {
            const HttpAnswer page = administrator.client().request(
                "GET", "/metrics", {}, {{"Authorization", "Bearer " + std::string(operatorToken)}});
            if (page.body.find(line + '\n') != std::string::npos)
                return true;
        }
        return false;
    }
};

std::vector<std::string> numbered(int count)
{
    std::vector<std::string> texts;
    for (int i = 0; i < count; ++i)
        texts.push_back("message " + std::to_string(i));
    return texts;
}

void sendAll(OpenSocket &open, const std::vector<std::string> &texts)
{
    for (const std::string &text : texts)
        ASSERT_TRUE(open.socket.sendText(text));
}

} // namespace

TEST_F(Events, TellOfASocketFromItsBeginningToItsEnd)
{
    OpenSocket open = backend.open({"room:1"}, R"("user":"eva")");
    open.socket.sendText("hello \"é\"");
    open.socket.send({Opcode::Binary, std::string("\x00\xff\xfe", 3)});
    backend.sendToTag("room:1", "answer");
    EXPECT_EQ(open.socket.readMessage(), "answer");
    open.socket.sendClose(4001, "enough");
    ASSERT_TRUE(eventBackend.waitForAccepted(4));
    const std::vector<ReceivedEvent> events = eventBackend.accepted();
    EXPECT_THAT(acceptedTypes(),
                ElementsAre("socket.connected", "socket.message", "socket.message", "socket.disconnected"));
    for (const ReceivedEvent &event : events) {
        EXPECT_EQ(event.path, "/events?key=" + std::string(urlKey));
        EXPECT_EQ(event.fields.at("content-type"), "application/json");
        EXPECT_EQ(event.data("id"), open.id);
        EXPECT_EQ(event.data("user"), "eva");
        EXPECT_EQ(event.data("gateway"), "default");
        EXPECT_THAT(JsonView(event.body).strings("/data/tags"), ElementsAre("room:1"));
        EXPECT_THAT(event.data("remote"), ::testing::StartsWith("127.0.0.1:"));
    }
    EXPECT_EQ(events[1].data("data"), "hello \"é\"");
    EXPECT_EQ(events[2].data("data"), "AP/+");
    EXPECT_EQ(events[2].data("encoding"), "base64");
    const JsonView end(events[3].body);
    EXPECT_EQ(end.integer("/data/code"), 4001);
    EXPECT_EQ(end.string("/data/reason"), "enough");
    EXPECT_EQ(end.string("/data/by"), "client");
    EXPECT_EQ(end.text("/data/received"), R"({"messages":2,"bytes":13})");
    EXPECT_EQ(end.text("/data/sent"), R"({"messages":1,"bytes":6})");
    EXPECT_GE(end.integer("/data/duration"), 0);
}

TEST_F(Events, SayWhoEndedASocket)
{
    OpenSocket closed = backend.open();
    EXPECT_EQ(backend.call("DELETE", "/sockets/" + closed.id + "?code=4100&reason=out").status, 200);
    ASSERT_TRUE(eventBackend.waitForAccepted(2));
    {
        OpenSocket lost = backend.open();
        ASSERT_TRUE(eventBackend.waitForAccepted(3));
    }
    ASSERT_TRUE(eventBackend.waitForAccepted(4));
    const std::vector<ReceivedEvent> events = eventBackend.accepted();
    EXPECT_EQ(JsonView(events[1].body).integer("/data/code"), 4100);
    EXPECT_EQ(events[1].data("by"), "gateway");
    EXPECT_EQ(JsonView(events[3].body).integer("/data/code"), 1006);
    EXPECT_EQ(events[3].data("by"), "network");
}

TEST_F(Events, AreTriedAgainUntilTakenInTheirOrder)
{
    eventBackend.failFor(7, 500);
    OpenSocket one = backend.open();
    OpenSocket other = backend.open();
    sendAll(one, numbered(20));
    sendAll(other, numbered(20));
    ASSERT_TRUE(eventBackend.waitForAccepted(42));
    EXPECT_EQ(messagesOf(one.id), numbered(20));
    EXPECT_EQ(messagesOf(other.id), numbered(20));
    EXPECT_TRUE(waitForMetric(R"(mws_event_attempts_failed_total{gateway="default"} 7)"));
    EXPECT_TRUE(waitForMetric(R"(mws_events_total{gateway="default",result="sent"} 42)"));
    EXPECT_TRUE(waitForMetric(R"(mws_events_queued{gateway="default"} 0)"));
    EXPECT_TRUE(gateway.waitForLog("an event was not taken, it will be tried again"));
    EXPECT_TRUE(gateway.waitForLog("events are taken again"));
}

TEST_F(Events, SurviveARestart)
{
    eventBackend.setManner({.status = 503});
    OpenSocket open = backend.open();
    sendAll(open, numbered(30));
    ASSERT_TRUE(eventBackend.waitFor([](const auto &received) { return !received.empty(); }));
    ASSERT_EQ(gateway.stop(), 0); // the socket's end is told, too
    EXPECT_TRUE(eventBackend.accepted().empty());
    eventBackend.setManner({});
    gateway.start();
    ASSERT_TRUE(eventBackend.waitForAccepted(32));
    EXPECT_EQ(messagesOf(open.id), numbered(30));
    const ReceivedEvent end = eventBackend.accepted().back();
    EXPECT_EQ(end.type(), "socket.disconnected");
    EXPECT_EQ(JsonView(end.body).integer("/data/code"), 1001);
}

TEST_F(Events, SurviveACrash)
{
    eventBackend.setManner({.silent = true});
    OpenSocket open = backend.open();
    sendAll(open, numbered(30));
    ASSERT_TRUE(waitUntilStored("message 29"));
    gateway.kill();
    eventBackend.setManner({});
    gateway.start();
    ASSERT_TRUE(eventBackend.waitForAccepted(31));
    EXPECT_EQ(messagesOf(open.id), numbered(30));
}

TEST_F(Events, ThatNobodyTakesDelayNoDelivery)
{
    eventBackend.setManner({.silent = true});
    OpenSocket open = backend.open({"all"});
    for (const std::string &text : numbered(200)) {
        ASSERT_TRUE(open.socket.sendText(text));
        backend.sendToTag("all", text);
        ASSERT_EQ(open.socket.readMessage(), text);
    }
    EXPECT_TRUE(waitForMetric(R"(mws_events_queued{gateway="default"} 201)"));
    EXPECT_TRUE(eventBackend.accepted().empty());
}

TEST_F(Events, EndWhereTheBackendSaysGone)
{
    eventBackend.setManner({.status = 410});
    OpenSocket open = backend.open();
    ASSERT_TRUE(gateway.waitForLog("event URL answered 410 Gone"));
    EXPECT_TRUE(waitForMetric(R"(mws_event_url_off{gateway="default"} 1)"));
    const size_t asked = eventBackend.received().size();
    sendAll(open, numbered(5));
    EXPECT_TRUE(waitForMetric(R"(mws_events_total{gateway="default",result="dropped"} 6)"));
    EXPECT_EQ(eventBackend.received().size(), asked);
    eventBackend.setManner({});
    ASSERT_EQ(configure(R"({"events":{"url":")" + eventBackend.url("/new") + R"("}})").status, 200);
    sendAll(open, {"back"});
    ASSERT_TRUE(eventBackend.waitForAccepted(1));
    EXPECT_EQ(eventBackend.accepted().front().path, "/new");
    EXPECT_TRUE(waitForMetric(R"(mws_event_url_off{gateway="default"} 0)"));
}

TEST_F(Events, FollowNoRedirect)
{
    eventBackend.setManner({.status = 302, .fields = "Location: " + eventBackend.url("/elsewhere") + "\r\n"});
    OpenSocket open = backend.open();
    ASSERT_TRUE(eventBackend.waitFor([](const auto &received) { return received.size() >= 2; }));
    eventBackend.setManner({});
    ASSERT_TRUE(eventBackend.waitForAccepted(1));
    for (const ReceivedEvent &event : eventBackend.received())
        EXPECT_THAT(event.path, Not(HasSubstr("elsewhere")));
}

TEST_F(Events, WaitAsLongAsTheBackendAsks)
{
    eventBackend.setManner({.status = 429, .fields = "Retry-After: 2\r\n"});
    OpenSocket open = backend.open();
    ASSERT_TRUE(eventBackend.waitFor([](const auto &received) { return received.size() == 1; }));
    eventBackend.setManner({});
    ASSERT_TRUE(eventBackend.waitForAccepted(1));
    const std::vector<ReceivedEvent> events = eventBackend.received();
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].id(), events[1].id());
    EXPECT_GE(std::stoll(events[1].fields.at("webhook-timestamp")),
              std::stoll(events[0].fields.at("webhook-timestamp")) + 1);
}

TEST_F(Events, AreTakenWhateverTheBackendGoesOnToSay)
{
    eventBackend.setManner({.status = 200, .endlessBody = true});
    OpenSocket open = backend.open();
    sendAll(open, numbered(3));
    ASSERT_TRUE(eventBackend.waitForAccepted(4));
    EXPECT_EQ(messagesOf(open.id), numbered(3));
    EXPECT_TRUE(waitForMetric(R"(mws_events_total{gateway="default",result="sent"} 4)"));
}

TEST_F(Events, AreConfiguredWithoutShowingSecrets)
{
    const std::string other = "whsec_" + std::string(32, 'Q');
    gateway.secret(other);
    const HttpAnswer answer =
        configure(R"({"events":{"secrets":[")" + other + R"("],"types":["message"],"timeout":9}})");
    ASSERT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, Not(HasSubstr(other)));
    EXPECT_THAT(answer.body, Not(HasSubstr(webhookSecret)));
    EXPECT_THAT(JsonView(answer.body).keys("/events"),
                ElementsAre("url", "types", "fold", "timeout", "giveUp", "connect", "connectOptional",
                            "connectTimeout"));
    EXPECT_THAT(JsonView(answer.body).strings("/events/types"), ElementsAre("message"));
    OpenSocket open = backend.open();
    sendAll(open, {"only this"});
    ASSERT_TRUE(eventBackend.waitForAccepted(1));
    EXPECT_THAT(acceptedTypes(), ElementsAre("socket.message"));
    const HttpAnswer refused = put(R"({"events":{"secrets":["whsec_c2hvcnQ="]}})");
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(errorProperty(refused), "events.secrets[0]");
    EXPECT_THAT(refused.body, Not(HasSubstr("c2hvcnQ")));
    EXPECT_EQ(errorProperty(put(R"({"events":{"allowPrivate":true}})")), "events.allowPrivate");
    EXPECT_EQ(errorProperty(put(R"({"events":{"secrets":[]}})")), "events.secrets");
    EXPECT_EQ(errorProperty(put(R"({"events":{"url":"ftp://x"}})")), "events.url");
    EXPECT_EQ(errorProperty(put(R"({"events":{"url":"http://user:x@host/"}})")), "events.url");
}

class GuardedEvents : public Events
{
protected:
    GuardedEvents()
        : Events(Environment{{"MWS_GATEWAY_EVENTS_ALLOW_PRIVATE", "false"},
                             {"MWS_GATEWAY_EVENTS_URL",
                              "http://events.localhost:" + std::to_string(eventBackend.port()) + "/"}})
    {}
};

TEST_F(GuardedEvents, ReachNoPrivateAddressByAName)
{
    OpenSocket open = backend.open();
    ASSERT_TRUE(gateway.waitForLog("its address is not public"));
    EXPECT_TRUE(eventBackend.received().empty());
    for (const char *url :
         {"http://127.0.0.1:1/", "http://localhost/", "http://[::1]/", "http://169.254.169.254/",
          "https://[::ffff:10.0.0.1]/", "http://0/", "http://2130706433/"}) {
        const HttpAnswer answer = put(R"({"events":{"url":")" + std::string(url) + R"("}})");
        EXPECT_EQ(answer.status, 422) << url;
        EXPECT_EQ(errorProperty(answer), "events.url") << url;
    }
}

class FoldedEvents : public Events
{
protected:
    FoldedEvents() : Events(Environment{{"MWS_GATEWAY_EVENTS_FOLD", "5m"}}) {}
};

TEST_F(FoldedEvents, LeaveOutAReconnect)
{
    {
        OpenSocket first = backend.open({}, R"("user":"eva")");
        ASSERT_TRUE(eventBackend.waitForAccepted(1));
        first.socket.sendClose(1001);
        EXPECT_EQ(first.socket.readClose(), 1001);
    }
    OpenSocket second = backend.open({}, R"("user":"eva")");
    sendAll(second, {"still here"});
    ASSERT_TRUE(eventBackend.waitForAccepted(2));
    EXPECT_THAT(acceptedTypes(), ElementsAre("socket.connected", "socket.message"));
    EXPECT_TRUE(waitForMetric(R"(mws_events_total{gateway="default",result="folded"} 2)"));
}

TEST_F(FoldedEvents, LeaveOutARestart)
{
    OpenSocket first = backend.open({}, R"("user":"eva")");
    ASSERT_TRUE(eventBackend.waitForAccepted(1));
    ASSERT_EQ(gateway.stop(), 0);
    gateway.start();
    GatewayApi again(gateway.endpoint(), "/v1", securityToken);
    OpenSocket second = again.open({}, R"("user":"eva")");
    sendAll(second, {"still here"});
    ASSERT_TRUE(eventBackend.waitForAccepted(2));
    EXPECT_THAT(acceptedTypes(), ElementsAre("socket.connected", "socket.message"));
}

/// The default gateway's backend never answers, another gateway's does.
struct HasOtherBackend
{
    EventBackend otherBackend;
    std::string configuration() const
    {
        return "[[gateways]]\nid = \"other\"\nsecurity_token = \"" + std::string(securityToken) +
               "\"\naccess_control = \"custom\"\nevents_url = \"" + otherBackend.url() +
               "\"\nevents_secrets = [\"" + webhookSecret + "\"]\nevents_allow_private = true\n";
    }
};

class EventsOfTwo : private HasOtherBackend, public Events
{
protected:
    EventsOfTwo() : Events(Environment{}, configuration()) {}
    const EventBackend &other() const { return otherBackend; }
};

TEST_F(EventsOfTwo, DoNotWaitForEachOther)
{
    eventBackend.setManner({.silent = true});
    std::vector<OpenSocket> stuck;
    for (int i = 0; i < 40; ++i)
        stuck.push_back(backend.open());
    ASSERT_TRUE(eventBackend.waitFor([](const auto &received) { return received.size() >= 16; }));
    GatewayApi api = caller("/v1/gateways/other", securityToken);
    const OpenSocket open = api.open();
    ASSERT_TRUE(other().waitForAccepted(1));
    EXPECT_EQ(other().accepted().front().data("gateway"), "other");
    EXPECT_TRUE(eventBackend.accepted().empty());
}

} // namespace mws::test
