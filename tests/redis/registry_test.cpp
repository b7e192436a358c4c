#include "cluster/redis_registry.h"
#include "cluster/socket_registry.h"
#include "redis/redis_client.h"
#include "redis_test.h"

#include <map>

namespace mws::test {

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Sockets = std::map<SocketId, RegisteredSocket>;

/// A node: its link, its registry, and what it has.
class RegistryNode final : private SocketRegistryListener
{
public:
    RegistryNode(const RedisSettings &settings, RedisSurroundings surroundings, const Clock &clock,
                 SocketRegistryOptions options)
        : m_redis(settings, surroundings),
          store(m_redis, "mws"),
          registry(store, randomNodeId(), clock, *this, options),
          m_clock(clock)
    {
        m_redis.setStateListener([this](RedisState state) {
            state == RedisState::Up ? registry.storeUp() : registry.storeDown();
        });
        m_redis.start();
        QObject::connect(&m_ticks, &QTimer::timeout, &m_ticks, [this] { registry.tick(); });
        m_ticks.start(100);
    }

    bool isUp() const { return store.isUp(); }
    void stopTicks() { m_ticks.stop(); } ///< as if it were dead
    void enter(const GatewayId &gateway, const SocketId &id, std::vector<Tag> tags)
    {
        const RegisteredSocket socket{id,
                                      std::chrono::floor<std::chrono::milliseconds>(m_clock.wall()),
                                      WallTime(1700000000s),
                                      std::move(tags),
                                      "users.ann",
                                      "203.0.113.7:50123"};
        sockets[gateway][id] = socket;
        registry.entered(gateway, socket);
    }
    void changeTags(const GatewayId &gateway, const SocketId &id, std::vector<Tag> tags)
    {
        sockets[gateway].at(id).tags = tags;
        registry.changed(gateway, id, std::move(tags));
    }
    void leave(const GatewayId &gateway, SocketId id) // by value: it may be the key of what is erased
    {
        sockets[gateway].erase(id);
        registry.left(gateway, id);
    }

private:
    RedisClient m_redis;

public:
    RedisRegistry store;
    std::vector<std::pair<SocketId, NodeId>> superseded_;
    std::vector<std::pair<SocketId, NodeId>> openedAgain_;
    SocketRegistry registry;
    std::map<GatewayId, Sockets> sockets;

private:
    void superseded(const GatewayId &, const SocketId &id, const NodeId &newer) override
    {
        superseded_.emplace_back(id, newer);
    }
    void openedAgain(const GatewayId &, const SocketId &id, const NodeId &older) override
    {
        openedAgain_.emplace_back(id, older);
    }

    const Clock &m_clock;
    QTimer m_ticks;
};

class RedisRegistryTest : public RedisTest
{
protected:
    std::unique_ptr<RegistryNode> node(const std::string &url, SocketRegistryOptions options = {})
    {
        RedisSettings quick = settings(url);
        quick.pingInterval = 200ms;
        quick.replyTimeout = 10s; // the machine may be busy
        auto made = std::make_unique<RegistryNode>(quick, surroundings(), m_clock, options);
        EXPECT_TRUE(until([&] { return made->isUp(); })) << m_log.text();
        return made;
    }
    /// What `asked` sees of the others, by pages.
    static std::optional<Sockets> list(RegistryNode &asked, const std::optional<Tag> &tag = {},
                                       size_t limit = 1000, const GatewayId &gateway = "g")
    {
        Sockets all;
        std::string cursor;
        for (bool more = true; more;) {
            std::optional<Result<RegisteredPage>> page;
            asked.registry.list(gateway, tag, limit, cursor,
                                [&](Result<RegisteredPage> got) { page = std::move(got); });
            if (!until([&] { return page.has_value(); }) || !*page)
                return std::nullopt;
            more = (*page)->more;
            EXPECT_TRUE(!more || (*page)->sockets.size() == limit);
            for (RegisteredSocket &socket : (*page)->sockets) {
                EXPECT_GT(socket.id.view(), cursor);
                cursor = socket.id.string();
                all.emplace(socket.id, std::move(socket));
            }
        }
        return all;
    }
    static std::optional<NodeId> find(RegistryNode &asked, const SocketId &id)
    {
        std::optional<NodeId> owner;
        bool answered = false;
        asked.registry.find("g", id, [&](const Result<std::optional<NodeId>> &found) {
            answered = true;
            EXPECT_TRUE(found);
            if (found)
                owner = *found;
        });
        EXPECT_TRUE(until([&] { return answered; }));
        return owner;
    }
    static std::vector<NodeId> nodes(RegistryNode &asked)
    {
        std::optional<std::vector<NodeId>> names;
        asked.registry.nodes("g", [&](const Result<std::vector<NodeId>> &found) {
            EXPECT_TRUE(found);
            names = found ? *found : std::vector<NodeId>();
        });
        EXPECT_TRUE(until([&] { return names.has_value(); }));
        return *names;
    }
    static bool written(const RegistryNode &node)
    {
        return until([&] { return node.registry.unwritten() == 0; });
    }
    /// Until `asked` sees just that.
    bool sees(RegistryNode &asked, const Sockets &sockets, const GatewayId &gateway = "g")
    {
        return until([&] { return list(asked, {}, 1000, gateway) == sockets; });
    }
    static uint64_t info(const RedisServer &server, const std::string &section, const std::string &name)
    {
        const std::string text = server.ask({"INFO", section});
        const size_t at = text.find(name);
        return at == std::string::npos ? 0 : std::stoull(text.substr(at + name.size()));
    }
};

} // namespace

TEST_F(RedisRegistryTest, EachNodeSeesTheSocketsOfAllOthers)
{
    RedisServer server;
    const auto a = node(server.url());
    const auto b = node(server.url());
    const auto c = node(server.url());
    Sockets seenByC;
    Sockets tagged;
    for (int i = 0; i < 2500; ++i)
        for (const auto &each : {a.get(), b.get()}) {
            const SocketId id = SocketId::random();
            each->enter("g", id,
                        {"all", i % 100 == 0 ? std::string("a\0b", 3) : "users." + std::to_string(i)});
            seenByC.insert(*each->sockets["g"].find(id));
            if (i % 100 == 0)
                tagged.insert(*each->sockets["g"].find(id));
        }
    const SocketId own = SocketId::random();
    c->enter("g", own, {"all"});
    ASSERT_TRUE(written(*a) && written(*b) && written(*c));
    EXPECT_EQ(list(*c), seenByC);
    EXPECT_EQ(list(*c, {}, 7).value_or(Sockets{}).size(), seenByC.size());
    EXPECT_EQ(list(*c, std::string("a\0b", 3), 10), tagged);
    EXPECT_EQ(list(*c, "nobody"), Sockets());
    EXPECT_EQ(find(*c, a->sockets["g"].begin()->first), a->registry.self());
    EXPECT_EQ(find(*c, b->sockets["g"].begin()->first), b->registry.self());
    EXPECT_EQ(find(*c, own), std::nullopt);
    EXPECT_THAT(nodes(*c), ::testing::UnorderedElementsAre(a->registry.self(), b->registry.self()));

    while (a->sockets["g"].size() > 5)
        a->leave("g", a->sockets["g"].begin()->first);
    a->changeTags("g", a->sockets["g"].begin()->first, {"other"});
    ASSERT_TRUE(written(*a));
    Sockets after = b->sockets["g"];
    after.insert(a->sockets["g"].begin(), a->sockets["g"].end());
    EXPECT_EQ(list(*c), after);
    EXPECT_THAT(*list(*c, "other"), ElementsAre(*a->sockets["g"].begin()));

    bool closed = false;
    a->registry.close([&] { closed = true; });
    EXPECT_TRUE(until([&] { return closed; }));
    EXPECT_EQ(list(*c), b->sockets["g"]);
    EXPECT_EQ(m_log.count("lost"), 0u) << m_log.text();
}

TEST_F(RedisRegistryTest, LongRowsComeInSeveralSteps)
{
    RedisServer server;
    const auto a = node(server.url());
    const auto b = node(server.url());
    for (int i = 0; i < 400; ++i)
        a->enter("g", SocketId::random(), std::vector<Tag>(64, std::string(120, char('a' + i % 26))));
    ASSERT_TRUE(written(*a));
    EXPECT_TRUE(list(*b) == a->sockets["g"]); // 3 MB
}

TEST_F(RedisRegistryTest, ADeadNodeIsGoneWhenItsLeaseHasEnded)
{
    RedisServer server;
    const auto a = node(server.url(), {.lease = 1s, .renewEvery = 300ms});
    const auto b = node(server.url());
    const SocketId id = SocketId::random();
    a->enter("g", id, {});
    EXPECT_TRUE(sees(*b, a->sockets["g"]));
    a->stopTicks();
    EXPECT_TRUE(until([&] { return list(*b) == Sockets(); }));
    EXPECT_EQ(find(*b, id), std::nullopt);
    EXPECT_THAT(nodes(*b), IsEmpty());
    a->registry.tick(); // it was only frozen
    EXPECT_TRUE(sees(*b, a->sockets["g"]));
    EXPECT_EQ(a->registry.timesLost(), 1u);
    EXPECT_TRUE(until([&] {
        return server.ask({"EXISTS", a->store.key("g", "r:" + a->registry.self())}) == "0";
    }));
}

TEST_F(RedisRegistryTest, AServerThatComesBackWithoutItsDataGetsAllAgain)
{
    RedisServer server;
    const auto a = node(server.url(), {.renewEvery = 300ms});
    const auto b = node(server.url());
    for (int i = 0; i < 1200; ++i)
        a->enter("g", SocketId::random(), {"t"});
    EXPECT_TRUE(sees(*b, a->sockets["g"]));
    server.ask({"FLUSHALL"}); // nobody tells the node
    EXPECT_TRUE(sees(*b, a->sockets["g"]));
    EXPECT_EQ(a->registry.timesLost(), 1u);

    server.kill();
    EXPECT_TRUE(until([&] { return !a->isUp(); }));
    EXPECT_EQ(list(*b), std::nullopt);
    a->leave("g", a->sockets["g"].begin()->first);
    a->enter("g", SocketId::random(), {"u"});
    a->changeTags("g", a->sockets["g"].begin()->first, {"v"});
    for (int i = 0; i < 100; ++i) {
        const SocketId id = SocketId::random();
        a->enter("g", id, {});
        a->leave("g", id);
    }
    EXPECT_LE(a->registry.unwritten(), 3u + 1u);
    server.start(RedisServer::Data::Lost);
    EXPECT_TRUE(sees(*b, a->sockets["g"]));
}

/// Of keys that the server has thrown out, too.
TEST_F(RedisRegistryTest, RowsThatAreMissingAreWrittenAgain)
{
    RedisServer server;
    const auto a = node(server.url(), {.renewEvery = 300ms});
    const auto b = node(server.url());
    for (int i = 0; i < 10; ++i)
        a->enter("g", SocketId::random(), {"t"});
    EXPECT_TRUE(sees(*b, a->sockets["g"]));
    for (const std::string &name : {"r:" + a->registry.self(), std::string("v"), std::string("n")}) {
        EXPECT_EQ(server.ask({"DEL", a->store.key("g", name)}), "1");
        const uint64_t before = a->registry.timesLost();
        EXPECT_TRUE(until([&] { return a->registry.timesLost() > before; })) << name;
        EXPECT_TRUE(sees(*b, a->sockets["g"])) << name;
    }
}

TEST_F(RedisRegistryTest, ThereIsOneSocketWithAnId)
{
    RedisServer server;
    const auto a = node(server.url(), {.renewEvery = 300ms});
    const auto b = node(server.url());
    const SocketId id = SocketId::random();
    a->enter("g", id, {"older"});
    ASSERT_TRUE(written(*a));
    b->enter("g", id, {"newer"});
    EXPECT_TRUE(until([&] { return !b->openedAgain_.empty(); }));
    EXPECT_EQ(b->openedAgain_.front(), std::pair(id, a->registry.self()));
    EXPECT_TRUE(until([&] { return !a->superseded_.empty(); }));
    EXPECT_EQ(a->superseded_.front(), std::pair(id, b->registry.self()));
    const auto c = node(server.url());
    EXPECT_EQ(list(*c), b->sockets["g"]);
    EXPECT_EQ(find(*c, id), b->registry.self());
    a->leave("g", id);
    ASSERT_TRUE(written(*a));
    EXPECT_THAT(b->superseded_, IsEmpty());
    EXPECT_EQ(list(*b), Sockets());
}

/// Not a bound of what is good, but of what is documented; prints what it is.
TEST_F(RedisRegistryTest, CostsLittle)
{
    RedisServer server;
    const auto a = node(server.url());
    const auto b = node(server.url());
    b->enter("g", SocketId::random(), {});
    a->enter("g", SocketId::random(), {});
    ASSERT_TRUE(written(*a) && written(*b));
    const auto scripts = [&] {
        return info(server, "commandstats", "cmdstat_evalsha:calls=") +
               info(server, "commandstats", "cmdstat_eval:calls=");
    };
    const uint64_t before = info(server, "memory", "used_memory_dataset:");
    const uint64_t scriptsBefore = scripts();
    constexpr size_t count = 10000;
    for (size_t i = 0; i < 1000; ++i)
        a->enter("g", SocketId::random(), {"users." + std::to_string(i)});
    ASSERT_TRUE(written(*a));
    const uint64_t used = scripts() - scriptsBefore;
    for (size_t i = 1000; i < count; ++i)
        a->enter("g", SocketId::random(), {"users." + std::to_string(i)});
    ASSERT_TRUE(written(*a));
    const std::string key = a->store.key("g", "r:" + a->registry.self());
    EXPECT_EQ(server.ask({"ZCARD", key}), std::to_string(count + 1));
    const uint64_t memory = std::stoull(server.ask({"MEMORY", "USAGE", key, "SAMPLES", "0"})) / count;
    const uint64_t micros = info(server, "commandstats", "cmdstat_evalsha:calls=");
    std::printf(
        "%zu sockets: %llu bytes of Redis's memory each (%llu by its data set); 1,000 that connect at once: "
        "%llu scripts; all scripts: %s (%llu)\n",
        count, static_cast<unsigned long long>(memory),
        static_cast<unsigned long long>((info(server, "memory", "used_memory_dataset:") - before) / count),
        static_cast<unsigned long long>(used), server.ask({"INFO", "commandstats"}).c_str(),
        static_cast<unsigned long long>(micros));
    EXPECT_LT(memory, 300u);
    EXPECT_LE(used, 10u);
}

TEST_F(RedisRegistryTest, GoesOnInARedisClusterWhoseServersFail)
{
    RedisClusterServers cluster;
    const auto a = node(cluster.url(), {.renewEvery = 300ms});
    const auto b = node(cluster.url(), {.renewEvery = 300ms});
    std::vector<GatewayId> gateways;
    for (int i = 0; i < 12; ++i)
        gateways.push_back("gateway" + std::to_string(i));
    const auto enterSome = [&] {
        for (const GatewayId &gateway : gateways)
            for (int i = 0; i < 20; ++i)
                a->enter(gateway, SocketId::random(), {"t"});
    };
    enterSome();
    for (const GatewayId &gateway : gateways)
        EXPECT_TRUE(sees(*b, a->sockets[gateway], gateway)) << gateway;
    const size_t victim = cluster.primaries().front();
    cluster.server(victim).kill();
    EXPECT_TRUE(until([&] { return !a->isUp(); }));
    enterSome();
    for (const GatewayId &gateway : gateways)
        a->leave(gateway, a->sockets[gateway].begin()->first);
    for (const GatewayId &gateway : gateways)
        EXPECT_TRUE(sees(*b, a->sockets[gateway], gateway)) << gateway << m_log.text();
}

} // namespace mws::test
