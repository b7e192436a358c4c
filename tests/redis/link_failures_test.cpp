#include "redis_test.h"

#include <QTcpServer>
#include <QTcpSocket>

namespace mws::test {

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class RedisLinkFailures : public RedisTest
{
protected:
    /// Asks often, but waits long, as the machine may be busy.
    static RedisSettings patient(const std::string &url)
    {
        RedisSettings patient = settings(url);
        patient.pingInterval = 200ms;
        patient.replyTimeout = 10s;
        return patient;
    }
    /// For what does not answer.
    static RedisSettings quick(const std::string &url)
    {
        RedisSettings quick = patient(url);
        quick.replyTimeout = 500ms;
        return quick;
    }
};

/// Says the same to all who connect, whatever they say; then perhaps hangs up.
class FakeServer : public QTcpServer
{
public:
    enum class Then { Stay, Leave };
    FakeServer(QByteArray bytes, Then then)
    {
        listen(QHostAddress::LocalHost);
        QObject::connect(this, &QTcpServer::newConnection, this, [this, bytes, then] {
            QTcpSocket *socket = nextPendingConnection();
            QObject::connect(socket, &QTcpSocket::readyRead, socket, [socket, bytes, then] {
                socket->readAll();
                socket->write(bytes);
                if (then == Then::Leave)
                    socket->disconnectFromHost();
            });
            ++connections;
        });
    }
    std::string url() const { return "redis://:correct-horse@127.0.0.1:" + std::to_string(serverPort()); }
    int connections = 0;
};

} // namespace

/// What is answered was done, what was not sent was not, and nothing else is unknown.
TEST_F(RedisLinkFailures, AServerThatIsKilledLeavesExactlyWhatItSaid)
{
    RedisServer server({.more = {"--appendonly", "yes", "--appendfsync", "always"}});
    RedisSettings roomy = patient(server.url());
    roomy.queueBytes = 256 << 20;
    const auto link = upLink(roomy);
    constexpr size_t count = 100000;
    // More than the kernel and the server take in advance.
    const auto value = [](size_t i) { return std::to_string(i) + ':' + std::string(400, 'x'); };
    Tally tally;
    std::string order; // of the endings
    for (size_t i = 0; i < count; ++i)
        link->command({.args = {"RPUSH", "list", value(i)}, .deadline = hangs},
                      [&](const RedisAnswer &answer) {
                          tally.count(answer);
                          const char sign = answer.answered()                                 ? 'a'
                                            : answer.outcome == RedisAnswer::Outcome::Unknown ? 'u'
                                                                                              : 'n';
                          if (order.empty() || order.back() != sign)
                              order.push_back(sign);
                          if (tally.sum() == 1000)
                              server.kill();
                      });
    EXPECT_TRUE(until([&] { return tally.sum() == count; }));
    EXPECT_EQ(order, "aun");
    EXPECT_NE(link->state(), RedisState::Up);
    RecordProperty("answered", int(tally.answered));
    RecordProperty("unknown", int(tally.unknown));
    RecordProperty("not_sent", int(tally.notSent));

    server.start(RedisServer::Data::Kept);
    ASSERT_TRUE(until([&] { return link->state() == RedisState::Up; }));
    const RedisAnswer length = ask(*link, {.args = {"LLEN", "list"}, .deadline = hangs});
    ASSERT_TRUE(length.good());
    const auto done = size_t(length.reply.integer);
    EXPECT_GE(done, tally.answered);
    EXPECT_LE(done, tally.answered + tally.unknown);
    const RedisAnswer all = ask(*link, {.args = {"LRANGE", "list", "0", "-1"}, .deadline = hangs});
    ASSERT_EQ(all.reply.elements.size(), done);
    for (size_t i = 0; i < done; ++i)
        ASSERT_TRUE(all.reply.elements[i].text == value(i)); // none lost, doubled or out of order
    std::printf("answered %zu, unknown %zu, not sent %zu; done %zu\n", tally.answered, tally.unknown,
                tally.notSent, done);
}

TEST_F(RedisLinkFailures, AFrozenServerIsNoticedWhileNothingIsAsked)
{
    RedisServer server;
    const auto link = upLink(quick(server.url()));
    server.freeze();
    EXPECT_TRUE(until([&] { return link->state() == RedisState::Down; }));
    EXPECT_TRUE(m_log.has("it stopped answering"));
    server.thaw();
    EXPECT_TRUE(until([&] { return link->state() == RedisState::Up; }));
    EXPECT_TRUE(m_log.has("redis is back"));
    EXPECT_TRUE(ask(*link, {.args = {"PING"}, .deadline = hangs}).good());
}

TEST_F(RedisLinkFailures, AFrozenServersCommandsAreUnknownAtTheirDeadline)
{
    RedisServer server;
    const auto link = upLink(patient(server.url()));
    server.freeze();
    const RedisAnswer answer = ask(*link, {.args = {"INCR", "n"}, .deadline = 200ms});
    EXPECT_EQ(answer.outcome, RedisAnswer::Outcome::Unknown);
    EXPECT_EQ(link->state(), RedisState::Up); // it has 10 s
    server.thaw();
    // The late answer goes to nobody, and the next one to its own command.
    EXPECT_EQ(ask(*link, {.args = {"INCR", "n"}, .deadline = hangs}).reply.integer, 2);
}

TEST_F(RedisLinkFailures, AnIdleLinkIsAskedAndStaysUp)
{
    RedisServer server;
    RedisSettings settings = patient(server.url());
    settings.replyTimeout = hangs; // what is asked every 200 ms must not wait for it
    const auto link = upLink(settings);
    const uint64_t connection = link->connection();
    EXPECT_TRUE(until([&] {
        const std::string statistics = server.ask({"INFO", "commandstats"});
        const size_t pings = statistics.find("cmdstat_ping:calls=");
        return pings != std::string::npos && std::atoi(statistics.c_str() + pings + 19) >= 5;
    }));
    EXPECT_EQ(link->connection(), connection);
}

TEST_F(RedisLinkFailures, ABlockingCommandIsNotTakenForADeadServer)
{
    RedisServer server;
    RedisSettings settings = quick(server.url());
    settings.replyTimeout = 2s;
    const auto link = upLink(settings);
    const uint64_t connection = link->connection();
    const RedisAnswer nothing =
        ask(*link, {.args = {"XREAD", "BLOCK", "3000", "STREAMS", "s", "$"}, .blocks = 3s});
    EXPECT_TRUE(nothing.good());
    EXPECT_TRUE(nothing.reply.isNil());
    EXPECT_EQ(nothing.connection, connection);
    EXPECT_EQ(link->connection(), connection);
}

TEST_F(RedisLinkFailures, AServerThatLoadsIsNotUp)
{
    RedisServer server({.more = {"--enable-debug-command", "yes"}});
    server.ask({"DEBUG", "POPULATE", "20000"});
    server.ask({"SAVE"});
    server.kill();
    // 20,000 keys, half a millisecond each.
    server.start(RedisServer::Data::Kept,
                 {"--key-load-delay", "500", "--loading-process-events-interval-bytes", "1024"});
    RedisLink link(patient(server.url()), surroundings());
    link.start();
    EXPECT_TRUE(until([&] { return m_log.has("it is loading its data"); })) << m_log.text();
    EXPECT_NE(link.state(), RedisState::Up);
    server.ask({"CONFIG", "SET", "key-load-delay", "0"});
    EXPECT_TRUE(until([&] { return link.state() == RedisState::Up; }));
    EXPECT_EQ(ask(link, {.args = {"DBSIZE"}, .deadline = hangs}).reply.integer, 20000);
}

TEST_F(RedisLinkFailures, AServerThatBecomesAReplicaIsLeft)
{
    RedisServer server;
    const auto link = upLink(patient(server.url()));
    server.ask({"REPLICAOF", "127.0.0.1", "1"});
    const RedisAnswer refused = ask(*link, {.args = {"SET", "a", "b"}});
    EXPECT_EQ(refused.reply.errorCode(), "READONLY");
    EXPECT_TRUE(until([&] { return m_log.has("it is a replica, which takes no writes"); }));
    EXPECT_EQ(link->state(), RedisState::Down);
    server.ask({"REPLICAOF", "NO", "ONE"});
    EXPECT_TRUE(until([&] { return link->state() == RedisState::Up; }));
}

TEST_F(RedisLinkFailures, GarbageEndsTheConnectionAndIsNotRepeated)
{
    const QByteArray endless(300000, 'x');
    for (const QByteArray &bytes :
         {QByteArray("HTTP/1.1 400 correct-horse\r\n\r\n"), QByteArray("*2147483647\r\n"),
          QByteArray("-correct-horse\r\n"), QByteArray("$99999999999999999999\r\n"),
          QByteArray("+" + endless), QByteArray("+OK\r\n:1\r\n*0\r\n+PONG\r\n+more\r\n")}) {
        FakeServer server(bytes, FakeServer::Then::Stay);
        RedisLink link(quick(server.url()), surroundings());
        link.start();
        EXPECT_TRUE(until([&] { return link.state() == RedisState::Down; })) << bytes.left(40).toStdString();
        EXPECT_TRUE(until([&] { return server.connections >= 3; })); // and it tries again
    }
    EXPECT_THAT(m_log.text(), Not(HasSubstr("correct-horse")));
}

TEST_F(RedisLinkFailures, AServerThatSaysNothingOrHangsUpIsTriedAgain)
{
    FakeServer silent("", FakeServer::Then::Stay);
    RedisSettings hasty = settings(silent.url());
    hasty.connectTimeout = 100ms;
    RedisLink waiting(hasty, surroundings());
    waiting.start();
    EXPECT_TRUE(until([&] { return m_log.has("it did not answer in time"); }));
    FakeServer rude("", FakeServer::Then::Leave);
    RedisLink leaving(settings(rude.url()), surroundings());
    leaving.start();
    EXPECT_TRUE(until([&] { return rude.connections >= 2; }));
    RedisLink nobody(settings("redis://127.0.0.1:" + std::to_string(freePort())), surroundings());
    nobody.start();
    EXPECT_TRUE(until([&] { return m_log.has("refused"); }));
    EXPECT_EQ(nobody.state(), RedisState::Down);
}

} // namespace mws::test
