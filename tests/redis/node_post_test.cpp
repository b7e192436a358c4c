#include "cluster/node_calls.h"
#include "cluster/redis_node_post.h"
#include "redis/redis_client.h"
#include "redis_test.h"

namespace mws::test {

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::SizeIs;

/// What came to one node.
class Mailbag final : public NodePostListener
{
public:
    void letterCame(std::string &&letter, std::chrono::milliseconds age) override
    {
        letters.push_back(std::move(letter));
        ages.push_back(age);
    }
    std::vector<std::string> letters;
    std::vector<std::chrono::milliseconds> ages;
};

/// A node with a link to Redis of its own.
struct PostedNode
{
    PostedNode(const RedisSettings &settings, RedisSurroundings surroundings, NodeId nodeId)
        : id(std::move(nodeId)), redis(settings, std::move(surroundings)), post(redis, "mws", id)
    {
        post.setListener(&bag);
        redis.start();
        QObject::connect(&ticking, &QTimer::timeout, &redis, [this] { post.tick(); });
        ticking.start(20);
    }

    NodeId id;
    RedisClient redis;
    RedisNodePost post;
    Mailbag bag;
    QTimer ticking;
};

class NodePostTest : public RedisTest
{
protected:
    static RedisSettings quick(const std::string &url)
    {
        RedisSettings quick = settings(url);
        quick.pingInterval = 200ms;
        quick.replyTimeout = 2s;
        return quick;
    }
    std::unique_ptr<PostedNode> node(const std::string &url, const NodeId &id)
    {
        auto made = std::make_unique<PostedNode>(quick(url), surroundings(), id);
        EXPECT_TRUE(waitUntilUp(*made)) << m_log.text();
        return made;
    }
    static bool waitUntilUp(PostedNode &node)
    {
        return until([&] { return node.redis.state() == RedisState::Up; });
    }
    static NodePost::Sent send(PostedNode &from, const NodeId &to, std::string letter)
    {
        std::optional<NodePost::Sent> sent;
        from.post.send(to, std::move(letter), [&](NodePost::Sent how) { sent = how; });
        EXPECT_TRUE(until([&] { return sent.has_value(); }));
        return sent.value_or(NodePost::Sent::Unknown);
    }
    /// Until it is taken; Redis was away, or is about to be.
    static bool sendUntilTaken(PostedNode &from, const NodeId &to, const std::string &letter)
    {
        return until([&] { return send(from, to, letter) == NodePost::Sent::Yes; });
    }
    static bool waitForLetters(const PostedNode &node, size_t count)
    {
        return until([&] { return node.bag.letters.size() >= count; });
    }
    /// The owner waits in XREAD.
    static bool waitUntilBlocked(const RedisServer &server)
    {
        return until([&] { return server.ask({"CLIENT", "LIST"}).find("cmd=xread") != std::string::npos; });
    }
};

} // namespace

TEST_F(NodePostTest, LettersComeOnceAndInOrder)
{
    RedisServer server;
    const auto a = node(server.url(), "a");
    const auto b = node(server.url(), "b");
    ASSERT_TRUE(waitUntilBlocked(server));
    std::vector<std::string> wanted;
    int taken = 0;
    for (int i = 0; i < 500; ++i) {
        wanted.push_back(std::string("\x00\xff", 2) + std::to_string(i));
        a->post.send("b", wanted.back(), [&](NodePost::Sent how) { taken += how == NodePost::Sent::Yes; });
    }
    EXPECT_TRUE(waitForLetters(*b, 500));
    EXPECT_TRUE(until([&] { return taken == 500; }));
    EXPECT_EQ(send(*b, "a", "back"), NodePost::Sent::Yes);
    EXPECT_TRUE(waitForLetters(*a, 1));
    EXPECT_EQ(b->bag.letters, wanted);
    EXPECT_THAT(a->bag.letters, ElementsAre("back"));
    for (const auto age : b->bag.ages)
        EXPECT_LE(age, NodePost::longestAge);
}

TEST_F(NodePostTest, LettersThatWereSentBeforeTheNodeReadsAreRead)
{
    RedisServer server;
    const auto a = node(server.url(), "a");
    EXPECT_EQ(send(*a, "b", "early"), NodePost::Sent::Yes);
    const auto b = node(server.url(), "b");
    EXPECT_TRUE(waitForLetters(*b, 1));
}

TEST_F(NodePostTest, LettersAreBounded)
{
    RedisServer server;
    const auto a = node(server.url(), "a");
    const auto b = node(server.url(), "b");
    EXPECT_EQ(send(*a, "b", std::string(NodePost::longestLetter + 1, 'x')), NodePost::Sent::TooLong);
    EXPECT_TRUE(m_log.has("a letter to another node is too long node=b bytes=1048577 most=1048576"))
        << m_log.text();
    for (int i = 0; i < 12; ++i) // more than is read at a time
        EXPECT_EQ(send(*a, "b", std::string(NodePost::longestLetter, char('a' + i))), NodePost::Sent::Yes);
    EXPECT_TRUE(waitForLetters(*b, 12));
    for (size_t i = 0; i < b->bag.letters.size(); ++i)
        EXPECT_TRUE(b->bag.letters[i] == std::string(NodePost::longestLetter, char('a' + i))) << i;
}

/// Of a node that reads, and of one that has gone.
TEST_F(NodePostTest, InboxesDoNotGrow)
{
    RedisServer server;
    const auto a = node(server.url(), "a");
    const auto b = node(server.url(), "b");
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(send(*a, "b", "x"), NodePost::Sent::Yes);
        EXPECT_EQ(send(*a, "gone", "x"), NodePost::Sent::Yes);
    }
    EXPECT_TRUE(waitForLetters(*b, 20));
    EXPECT_TRUE(until([&] { return server.ask({"XLEN", a->post.inbox("b")}) == "0"; }));
    EXPECT_EQ(server.ask({"XLEN", a->post.inbox("gone")}), "20");
    for (const char *of : {"b", "gone"}) {
        const int life = std::stoi(server.ask({"PTTL", a->post.inbox(of)}));
        EXPECT_GT(life, 0);
        EXPECT_LE(life, 60000);
    }
    // Two that are older than is delivered: the next one takes them away.
    server.ask({"XADD", a->post.inbox("old"), "1000-0", "t", "1000", "m", "x"});
    server.ask({"XADD", a->post.inbox("old"), "2000-0", "t", "2000", "m", "x"});
    EXPECT_EQ(send(*a, "old", "new"), NodePost::Sent::Yes);
    EXPECT_EQ(server.ask({"XLEN", a->post.inbox("old")}), "1");
    server.ask({"EVAL",
                "for i = 1, 12000 do redis.call('XADD', KEYS[1], '*', 't', '1', 'm', 'x') end return 1", "1",
                a->post.inbox("full")});
    EXPECT_EQ(send(*a, "full", "new"), NodePost::Sent::Yes);
    EXPECT_LE(std::stoi(server.ask({"XLEN", a->post.inbox("full")})), 10200);
}

TEST_F(NodePostTest, OldLettersAndOthersAreNotDelivered)
{
    RedisServer server;
    const std::string seconds = server.ask({"TIME"}).substr(0, 10);
    const std::string old = std::to_string(std::stoll(seconds) - 17) + "000";
    server.ask({"XADD", "{mws:node-b}:inbox", "*", "t", old, "m", "old"});
    server.ask({"XADD", "{mws:node-b}:inbox", "*", "nonsense", "x"});
    server.ask({"XADD", "{mws:node-b}:inbox", "*", "t", "x", "m", "y"});
    server.ask({"XADD", "{mws:node-b}:inbox", "*", "t", seconds + "000", "m", "good"});
    const auto b = node(server.url(), "b");
    EXPECT_TRUE(waitForLetters(*b, 1));
    EXPECT_THAT(b->bag.letters, ElementsAre("good"));
}

TEST_F(NodePostTest, AfterAKillItReadsOnWhereItWas)
{
    const std::vector<std::string> durable{"--appendonly", "yes", "--appendfsync", "always"};
    RedisServer server({.more = durable});
    const auto a = node(server.url(), "a");
    const auto b = node(server.url(), "b");
    size_t sent = 0;
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 10; ++i)
            ASSERT_TRUE(sendUntilTaken(*a, "b", std::to_string(sent++)));
        server.kill();
        EXPECT_TRUE(until([&] { return send(*a, "b", "lost") == NodePost::Sent::No; }));
        server.start(RedisServer::Data::Kept, durable);
        ASSERT_TRUE(waitUntilUp(*a));
    }
    ASSERT_TRUE(sendUntilTaken(*a, "b", "last"));
    EXPECT_TRUE(until([&] { return !b->bag.letters.empty() && b->bag.letters.back() == "last"; }));
    std::map<std::string, int> times;
    for (const std::string &letter : b->bag.letters)
        ++times[letter];
    times.erase("lost"); // one that was on its way may have come
    times.erase("last");
    EXPECT_THAT(times, SizeIs(sent));
    for (const auto &[letter, count] : times)
        EXPECT_EQ(count, 1) << letter;
}

TEST_F(NodePostTest, GoesOnWhereRedisCameBackWithoutItsData)
{
    RedisServer server;
    const auto a = node(server.url(), "a");
    const auto b = node(server.url(), "b");
    ASSERT_EQ(send(*a, "b", "before"), NodePost::Sent::Yes);
    EXPECT_TRUE(waitForLetters(*b, 1));
    server.kill();
    server.start(RedisServer::Data::Lost);
    EXPECT_TRUE(sendUntilTaken(*a, "b", "after"));
    EXPECT_TRUE(waitForLetters(*b, 2));
    EXPECT_THAT(b->bag.letters, ElementsAre("before", "after"));
}

/// As of a primary whose clock was ahead, or after a failover that lost some.
TEST_F(NodePostTest, InboxThatWentBackIsReadFromItsEnd)
{
    RedisServer server;
    const auto b = node(server.url(), "b");
    const std::string inbox = b->post.inbox("b");
    const std::string now = server.ask({"TIME"}).substr(0, 10) + "000";
    server.ask({"XADD", inbox, "99999999999999-5", "t", now, "m", "ahead"});
    EXPECT_TRUE(waitForLetters(*b, 1));
    server.ask({"EVAL",
                "redis.call('DEL', KEYS[1]) redis.call('XADD', KEYS[1], '99999999999999-3', 't', ARGV[1], "
                "'m', 'was read') return 1",
                "1", inbox, now});
    EXPECT_TRUE(until([&] { return m_log.has("Redis has lost letters of other nodes"); })) << m_log.text();
    server.ask({"XADD", inbox, "99999999999999-4", "t", now, "m", "new"});
    EXPECT_TRUE(waitForLetters(*b, 2));
    EXPECT_THAT(b->bag.letters, ElementsAre("ahead", "new"));
}

TEST_F(NodePostTest, AfterAFreezeLettersComeOnceOrNotAtAll)
{
    RedisServer server;
    const auto a = node(server.url(), "a");
    const auto b = node(server.url(), "b");
    ASSERT_EQ(send(*a, "b", "before"), NodePost::Sent::Yes);
    ASSERT_TRUE(waitForLetters(*b, 1));
    ASSERT_TRUE(waitUntilBlocked(server));
    server.freeze();
    EXPECT_EQ(send(*a, "b", "frozen"), NodePost::Sent::Unknown);
    EXPECT_TRUE(until([&] { return send(*a, "b", "down") == NodePost::Sent::No; }));
    server.thaw();
    ASSERT_TRUE(sendUntilTaken(*a, "b", "after"));
    EXPECT_TRUE(until([&] { return b->bag.letters.back() == "after"; }));
    EXPECT_LE(std::count(b->bag.letters.begin(), b->bag.letters.end(), "frozen"), 1);
    EXPECT_LE(std::count(b->bag.letters.begin(), b->bag.letters.end(), "before"), 1);
}

TEST_F(NodePostTest, RefusalsAreSaidOnceAndTriedAgain)
{
    RedisServer server;
    const auto b = node(server.url(), "b");
    ASSERT_TRUE(waitUntilBlocked(server));
    server.ask({"EVAL", "redis.call('DEL', KEYS[1]) redis.call('SET', KEYS[1], 'x') return 1", "1",
                b->post.inbox("b")});
    const std::string refused = "Redis does not let letters of other nodes be read";
    EXPECT_TRUE(until([&] { return m_log.has(refused); })) << m_log.text();
    const auto a = node(server.url(), "a");
    EXPECT_EQ(send(*a, "b", "x"), NodePost::Sent::Unknown);
    server.ask({"DEL", b->post.inbox("b")});
    EXPECT_EQ(send(*a, "b", "good"), NodePost::Sent::Yes);
    EXPECT_TRUE(waitForLetters(*b, 1));
    EXPECT_EQ(m_log.count(refused), 1u);
}

/// Several nodes of a Redis Cluster, whose inboxes are on different servers; one of them fails.
TEST_F(NodePostTest, CallsAreAnsweredInACluster)
{
    RedisClusterServers servers;
    std::vector<std::unique_ptr<PostedNode>> nodes;
    std::vector<std::unique_ptr<NodeCalls>> calls;
    BrokerMetrics metrics;
    std::vector<NodeId> ids;
    for (int i = 0; i < 6; ++i) {
        ids.push_back("node" + std::to_string(i));
        nodes.push_back(node(servers.url(), ids.back()));
        calls.push_back(std::make_unique<NodeCalls>(ids.back(), nodes.back()->post, m_clock, metrics));
        calls.back()->setHandler([id = ids.back()](const std::string &request, const auto &answer) {
            answer(id + " heard " + request);
        });
    }
    QTimer ticking;
    QObject::connect(&ticking, &QTimer::timeout, &nodes[0]->redis, [&] { calls[0]->tick(); });
    ticking.start(20);
    const auto answered = [&](const std::string &request) {
        std::optional<NodeCalls::Answers> got;
        calls[0]->ask(ids, request, 10s, [&](Result<NodeCalls::Answers> all) { got = *std::move(all); });
        EXPECT_TRUE(until([&] { return got.has_value(); }));
        size_t good = 0;
        for (size_t i = 0; i < ids.size(); ++i)
            good += got->at(i) == ids[i] + " heard " + request ? 1 : 0;
        return good;
    };
    EXPECT_EQ(answered("first"), ids.size());
    const size_t primary = servers.primaries()[0];
    servers.server(primary).kill();
    int round = 0;
    EXPECT_TRUE(until([&] { return answered("again" + std::to_string(++round)) == ids.size(); }));
    EXPECT_EQ(calls[0]->open(), 0u);
    calls.clear();
}

} // namespace mws::test
