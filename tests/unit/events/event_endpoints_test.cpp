#include "events/event_endpoints.h"

#include "support/fake_clock.h"
#include "unit/events/temporary_state.h"

#include <deque>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeClock;
using test::TemporaryState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

std::shared_ptr<const GatewayTable> tableOf(const std::string &url)
{
    auto gateway = std::make_shared<Gateway>();
    gateway->id = "g";
    gateway->settings.events.url = url;
    gateway->settings.events.secrets = {secret};
    auto table = std::make_shared<GatewayTable>();
    table->gateways.emplace("g", gateway);
    return table;
}

/// Endpoints whose requests are kept here.
class EventEndpointsTest : public ::testing::Test
{
protected:
    void open(const std::string &url = "https://u:p@backend.example.com/events?key=k")
    {
        endpoints.emplace(clock, *EventDatabase::open(folder.path()), metrics,
                          [this](const EventSettings &, HttpPost post, const GatewayId &, uint64_t sequence) {
                              posts.emplace_back(sequence, std::move(post));
                          });
        table = tableOf(url);
        endpoints->setTable(table);
        ASSERT_TRUE(endpoints->load());
    }
    void take(char socket, const std::string &payload)
    {
        SocketEvent event;
        event.type = EventType::Message;
        event.gateway = table->find("g");
        event.socket = *SocketId::parse(std::string(32, socket));
        event.tags = std::make_shared<const std::vector<Tag>>();
        event.time = clock.wall();
        event.payload = payload;
        endpoints->take(std::move(event));
    }
    /// The oldest request.
    std::pair<uint64_t, HttpPost> sent()
    {
        endpoints->work();
        EXPECT_FALSE(posts.empty());
        auto post = posts.front();
        posts.pop_front();
        return post;
    }
    void answer(uint64_t sequence, int status)
    {
        endpoints->answered("g", sequence, HttpReply{.status = status});
    }
    GatewayCounters &counters() { return *metrics.gateway("g"); }

    TemporaryState folder;
    FakeClock clock;
    WorkerMetrics metrics;
    std::shared_ptr<const GatewayTable> table;
    std::deque<std::pair<uint64_t, HttpPost>> posts;
    std::optional<EventEndpoints> endpoints;
};

} // namespace

TEST_F(EventEndpointsTest, SignsAnewForEachAttemptUnderOneId)
{
    open();
    take('a', "x");
    const auto [sequence, first] = sent();
    EXPECT_THAT(first.fields, ElementsAre("Content-Type: application/json", "User-Agent: mws-gateway",
                                          StartsWith("webhook-id: msg_"), "webhook-timestamp: 1767225600",
                                          StartsWith("webhook-signature: v1,")));
    EXPECT_EQ(first.url, "https://u:p@backend.example.com/events?key=k");
    answer(sequence, 500);
    clock.advance(seconds(7));
    const auto [again, second] = sent();
    EXPECT_EQ(again, sequence);
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(second.fields[2], first.fields[2]);
    EXPECT_EQ(second.fields[3], "webhook-timestamp: 1767225607");
    EXPECT_NE(second.fields[4], first.fields[4]);
    answer(sequence, 200);
    EXPECT_EQ(counters().eventsSent.value(), 1u);
    EXPECT_EQ(counters().eventAttemptsFailed.value(), 1u);
    EXPECT_EQ(counters().eventsQueued.value(), 0u);
}

TEST_F(EventEndpointsTest, KeepsWhatWaitsAndItsOrder)
{
    open();
    take('a', "first"), take('a', "second"), take('b', "third");
    const auto [sequence, post] = sent();
    ASSERT_TRUE(endpoints->write());
    endpoints.reset(); // as a crash
    posts.clear();
    open();
    EXPECT_EQ(counters().eventsQueued.value(), 3u);
    const auto [same, again] = sent();
    EXPECT_EQ(same, sequence);
    EXPECT_EQ(again.fields[2], post.fields[2]); // the id tells the backend that it is the same
    take('a', "fourth");
    answer(sequence, 200);
    EXPECT_THAT(sent().second.body, HasSubstr("third"));
    const auto [next, second] = sent();
    EXPECT_THAT(second.body, HasSubstr("second"));
    answer(next, 200);
    EXPECT_THAT(sent().second.body, HasSubstr("fourth"));
}

TEST_F(EventEndpointsTest, WritesALittleLater)
{
    open();
    take('a', "x");
    const auto [sequence, post] = sent();
    EXPECT_EQ(*endpoints->due(), clock.now() + milliseconds(200));
    clock.advance(milliseconds(200));
    endpoints->work();
    EXPECT_FALSE(endpoints->due()); // nothing to write, and nothing to send while that one is under way
    answer(sequence, 200);
    endpoints->work();
    EXPECT_EQ(*endpoints->due(), clock.now() + milliseconds(200));
}

TEST_F(EventEndpointsTest, DropsWhatNobodyIsToBeTold)
{
    open();
    take('a', "x");
    ASSERT_TRUE(endpoints->write());
    endpoints->setTable(tableOf(""));
    EXPECT_EQ(counters().eventsDropped.value(), 1u);
    take('a', "y");
    endpoints->work();
    EXPECT_TRUE(posts.empty());
    ASSERT_TRUE(endpoints->write());
    endpoints.reset();
    open();
    EXPECT_EQ(counters().eventsQueued.value(), 0u);
}

TEST_F(EventEndpointsTest, ShowsThatAnUrlIsOff)
{
    open();
    take('a', "x"), take('a', "y");
    answer(sent().first, 410);
    EXPECT_EQ(counters().eventsOff.value(), 1u);
    EXPECT_EQ(counters().eventsDropped.value(), 2u);
    endpoints->setTable(tableOf("https://elsewhere.example.com/"));
    EXPECT_EQ(counters().eventsOff.value(), 0u);
}

TEST(ShownUrl, HasNeitherUserNorQuery)
{
    EXPECT_EQ(shownUrl("https://user:pass@host:8443/path?key=k#f"), "https://host:8443/path");
    EXPECT_EQ(shownUrl("https://host?key=k@x/"), "https://host");
    EXPECT_EQ(shownUrl("http://host"), "http://host");
    EXPECT_EQ(shownUrl("http://a@b@host/x@y"), "http://host/x@y");
}

} // namespace mws
