#include "support/fake_enginio.h"
#include "support/gateway_test.h"
#include "support/socket_swarm.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <future>
#include <thread>

namespace mws::test {

using ::testing::HasSubstr;

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

milliseconds since(Clock::time_point start)
{
    return std::chrono::duration_cast<milliseconds>(Clock::now() - start);
}

HttpRequest readyRequest()
{
    return {"GET", "/health/ready", {}, {}};
}

const std::string largeMessage(200000, 'x');

/// Posts large messages to a socket that does not read, until its queue holds more than the kernel takes, and
/// less than its limit; how many that were.
int fillQueue(GatewayApi &backend, const std::string &id)
{
    int sent = 0;
    int64_t queued = 0;
    while (queued < 400000 && sent < 100) {
        backend.sendTo("{\"sockets\":[\"" + id + "\"]}", largeMessage);
        ++sent;
        queued = JsonView(backend.get("/sockets/" + id).body).integer("/queuedBytes");
    }
    EXPECT_GE(queued, 400000);
    return sent;
}

/// Connects and sends each connection those bytes until the port is closed, never with more than 1,000
/// answers outstanding; the connections that were made.
std::vector<RawConnection> connectUntilRefused(const Endpoint &endpoint, const std::string &bytes,
                                               std::atomic<int> &connected)
{
    std::vector<RawConnection> clients;
    for (;;) {
        RawConnection client(endpoint);
        if (!client.isOpen())
            return clients;
        client.send(bytes);
        clients.push_back(std::move(client));
        ++connected;
        if (clients.size() > 1000)
            clients[clients.size() - 1001].waitForData();
    }
}

} // namespace

/// What SIGTERM does, in the drain time that a test gives.
class Drain : public ::testing::Test
{
protected:
    GatewayOptions drainingIn(const std::string &time, Environment more = {})
    {
        more.insert({"MWS_SERVER_DRAIN", time});
        return guardedGateway(std::move(more));
    }
    /// Sends SIGTERM and waits until the gateway has begun to drain.
    void terminate(GatewayProcess &gateway)
    {
        gateway.signal(SIGTERM);
        const Deadline deadline(patience);
        while (gateway.log().find("stopping: ") == std::string::npos && deadline.left() > 0)
            std::this_thread::yield();
    }
};

TEST_F(Drain, WithNothingOpenEndsAtOnce)
{
    GatewayProcess gateway(drainingIn("20s"));
    const auto start = Clock::now();
    EXPECT_EQ(gateway.stop(), 0);
    EXPECT_LT(since(start), seconds(2));
}

TEST_F(Drain, IdleConnectionDoesNotHoldTheEnd)
{
    GatewayProcess gateway(drainingIn("20s"));
    RawConnection idle(gateway.endpoint());
    HttpClient used(gateway.endpoint());
    EXPECT_EQ(used.request("GET", "/").status, 200);
    const auto start = Clock::now();
    EXPECT_EQ(gateway.stop(), 0);
    EXPECT_LT(since(start), seconds(2));
    EXPECT_TRUE(idle.waitForEnd());
}

TEST_F(Drain, ReadyIs503AtOnceOnAnOpenConnection)
{
    GatewayProcess gateway(drainingIn("20s", {{"MWS_SERVER_WORKERS", "1"}}));
    GatewayApi backend(gateway.endpoint(), "/v1", securityToken);
    OpenSocket silent = backend.open(); // keeps the gateway from ending at once
    RawConnection connections[] = {RawConnection(gateway.endpoint()), RawConnection(gateway.endpoint())};
    const auto ask = [&gateway](RawConnection &connection) {
        connection.send(httpText({"GET", "/health/ready", {}, {}}, gateway.endpoint()));
        return readHttpAnswer(connection);
    };
    for (RawConnection &connection : connections)
        EXPECT_EQ(ask(connection).status, 200);
    terminate(gateway);
    const HttpAnswer first = ask(connections[0]);
    EXPECT_EQ(first.status, 503);
    EXPECT_FALSE(first.header("retry-after").empty());

    const auto goodbye = silent.socket.readFrame();
    ASSERT_TRUE(goodbye);
    EXPECT_EQ(goodbye->closeCode(), 1001);
    const HttpAnswer last = ask(connections[1]);
    EXPECT_EQ(last.status, 503);
    EXPECT_EQ(last.header("connection"), "close");
    EXPECT_TRUE(connections[1].waitForEnd());
    silent.socket.sendClose(1001);
    EXPECT_EQ(gateway.waitForExit(), 0);
}

TEST_F(Drain, OpenConnectionStillPostsToSocketsThatAreOpen)
{
    // 500 sockets are twenty batches: the last ones go two seconds after the first.
    GatewayProcess gateway(drainingIn("8s", {{"ACCESS_CONTROL", "none"},
                                             {"MWS_GATEWAY_ANONYMOUS_SOCKETS", "true"},
                                             {"MWS_SERVER_WORKERS", "1"}}));
    size_t received = 0;
    SocketSwarm swarm([&](size_t, std::string_view payload) { received += payload == "late" ? 1 : 0; });
    for (int i = 0; i < 500; ++i)
        swarm.add(RawWebSocket(gateway.endpoint(), "/"));
    RawConnection publisher(gateway.endpoint());
    gateway.signal(SIGTERM);
    ASSERT_TRUE(swarm.run([&] { return swarm.openCount() < swarm.size(); }, patience));
    publisher.send(httpText({"POST", "/v1/messages", {}, R"({"data":"late","receivers":{"sockets":["*"]}})"},
                            gateway.endpoint()));
    const HttpAnswer answer = readHttpAnswer(publisher);
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_TRUE(swarm.run([&] { return swarm.openCount() == 0; }, seconds(10)));
    EXPECT_GT(received, 0u);
    EXPECT_LT(received, 500u);
    EXPECT_EQ(answer.header("mws-receivers"), "matched=" + std::to_string(received) + ", dropped=0");
    for (size_t i = 0; i < swarm.size(); ++i)
        EXPECT_EQ(swarm.end(i).code, 1001);
    EXPECT_EQ(gateway.waitForExit(), 0);
}

TEST_F(Drain, HalfSentBodyIsAnswered)
{
    GatewayProcess gateway(drainingIn("20s"));
    GatewayApi backend(gateway.endpoint(), "/v1", securityToken);
    OpenSocket listener = backend.open();
    const std::string body = R"({"data":"begun before","receivers":{"sockets":["*"]}})";
    const HttpRequest post{
        "POST", "/v1/messages", {{"Authorization", std::string("Bearer ") + securityToken}}, body};
    const std::string bytes = httpText(post, gateway.endpoint());
    RawConnection slow(gateway.endpoint());
    slow.send(std::string_view(bytes).substr(0, bytes.size() - 20));
    EXPECT_EQ(backend.get("/sockets").status, 200); // the gateway has had the time to read the half
    terminate(gateway);
    EXPECT_EQ(listener.socket.readClose(), 1001);
    EXPECT_FALSE(gateway.waitForExit(milliseconds(200)));
    slow.send(std::string_view(bytes).substr(bytes.size() - 20));
    const HttpAnswer answer = readHttpAnswer(slow);
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_EQ(gateway.waitForExit(), 0);
}

TEST_F(Drain, AnswerThatTheIdentityProviderHoldsUpIsGiven)
{
    FakeEnginio enginio;
    enginio.setMood(FakeEnginio::Mood::Silent);
    GatewayProcess gateway(drainingIn("20s", {{"ACCESS_CONTROL", "eds"},
                                              {"EDS_BACKEND_ID", "backend"},
                                              {"EDS_URI", enginio.uri()},
                                              {"MWS_IDENTITY_TIMEOUT", "1s"}}));
    RawConnection asking(gateway.endpoint());
    asking.send(httpText({"GET", "/v1/websocket_uri", {{"Authorization", "Bearer somebody"}}, {}},
                         gateway.endpoint()));
    const Deadline deadline(patience);
    while (enginio.requests().empty() && deadline.left() > 0)
        std::this_thread::yield();
    gateway.signal(SIGTERM);
    const HttpAnswer answer = readHttpAnswer(asking);
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_EQ(gateway.waitForExit(), 0);
}

TEST_F(Drain, ChangeOfConfigurationThatWasSentIsAnsweredAndKept)
{
    GatewayProcess gateway(drainingIn("20s"));
    const std::string bearer = std::string("Bearer ") + securityToken;
    RawConnection changing(gateway.endpoint());
    changing.send(
        httpText({"PUT", "/v1/configuration", {{"Authorization", bearer}}, R"({"name":"Last words"})"},
                 gateway.endpoint()));
    gateway.signal(SIGTERM);
    const HttpAnswer answer = readHttpAnswer(changing);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(gateway.waitForExit(), 0);
    gateway.start();
    GatewayApi backend(gateway.endpoint(), "/v1", securityToken);
    EXPECT_EQ(JsonView(backend.get("/configuration").body).string("/name"), "Last words");
}

TEST_F(Drain, HandshakeDuringItIsRefusedWithoutSpendingTheToken)
{
    GatewayProcess gateway(drainingIn("20s", {{"MWS_SERVER_WORKERS", "1"}}));
    GatewayApi backend(gateway.endpoint(), "/v1", securityToken);
    OpenSocket silent = backend.open(); // keeps the gateway from ending at once
    const Issued issued = backend.reserve({"late"});
    const std::string handshake = httpText({"GET",
                                            issued.target(),
                                            {{"Upgrade", "websocket"},
                                             {"Connection", "Upgrade"},
                                             {"Sec-WebSocket-Version", "13"},
                                             {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}},
                                            {}},
                                           gateway.endpoint());
    RawConnection half(gateway.endpoint());
    half.send(std::string_view(handshake).substr(0, handshake.size() - 10));
    EXPECT_EQ(backend.get("/sockets").status, 200);
    terminate(gateway);
    EXPECT_EQ(silent.socket.readClose(), 1001); // so the worker, too, has begun to drain
    half.send(std::string_view(handshake).substr(handshake.size() - 10));
    const HttpAnswer refused = readHttpAnswer(half);
    EXPECT_EQ(refused.status, 503);
    EXPECT_FALSE(refused.header("retry-after").empty());
    EXPECT_EQ(gateway.waitForExit(seconds(15)), 0);
    gateway.start();
    RawWebSocket later(gateway.endpoint(), issued.target());
    EXPECT_TRUE(later.isOpen()) << later.answer().status;
}

TEST_F(Drain, HandshakeAtTheSameMomentIsAnsweredOneWayOrTheOther)
{
    for (int round = 0; round < 5; ++round) {
        GatewayProcess gateway(
            drainingIn("20s", {{"ACCESS_CONTROL", "none"}, {"MWS_GATEWAY_ANONYMOUS_SOCKETS", "true"}}));
        const std::string handshake = httpText({"GET",
                                                "/",
                                                {{"Upgrade", "websocket"},
                                                 {"Connection", "Upgrade"},
                                                 {"Sec-WebSocket-Version", "13"},
                                                 {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}},
                                                {}},
                                               gateway.endpoint());
        std::atomic<int> connected = 0;
        std::vector<std::future<std::vector<RawConnection>>> crowds;
        for (int i = 0; i < 3; ++i)
            crowds.push_back(std::async(std::launch::async, connectUntilRefused, gateway.endpoint(),
                                        handshake, std::ref(connected)));
        const Deadline deadline(patience);
        while (connected < 100 && deadline.left() > 0)
            std::this_thread::yield();
        gateway.signal(SIGTERM);
        std::vector<RawConnection> clients;
        for (auto &crowd : crowds)
            std::ranges::move(crowd.get(), std::back_inserter(clients));
        EXPECT_GE(clients.size(), 100u);
        for (RawConnection &client : clients) {
            RawWebSocket socket(std::move(client));
            EXPECT_THAT(socket.answer().status, ::testing::AnyOf(101, 503)) << round;
            if (socket.isOpen()) {
                EXPECT_EQ(socket.readClose(), 1001);
            }
        }
        clients.clear();
        EXPECT_EQ(gateway.waitForExit(seconds(10)), 0) << gateway.log();
    }
}

TEST_F(Drain, SecondSignalEndsAtOnce)
{
    GatewayProcess gateway(drainingIn("20s"));
    GatewayApi backend(gateway.endpoint(), "/v1", securityToken);
    const OpenSocket silent = backend.open(); // answers no Close
    terminate(gateway);
    EXPECT_FALSE(gateway.waitForExit(milliseconds(100)));
    const auto start = Clock::now();
    gateway.signal(SIGTERM);
    EXPECT_EQ(gateway.waitForExit(), 1);
    EXPECT_LT(since(start), seconds(2));
}

TEST_F(Drain, SocketThatNeverReadsDoesNotHoldTheEnd)
{
    GatewayProcess gateway(drainingIn("3s", {{"MWS_WEBSOCKET_CLOSE_TIMEOUT", "1s"}}));
    Endpoint narrow = gateway.endpoint();
    narrow.receiveBuffer = 4096;
    GatewayApi backend(narrow, "/v1", securityToken);
    const OpenSocket stuck = backend.open();
    fillQueue(backend, stuck.id);
    const auto start = Clock::now();
    EXPECT_EQ(gateway.stop(), 0);
    EXPECT_GT(since(start), milliseconds(2500)) << "it has until the end of the drain";
    EXPECT_LT(since(start), milliseconds(4500));
    EXPECT_THAT(gateway.log(), HasSubstr("some connections did not end in time and are dropped"));
}

TEST_F(Drain, SlowReaderGetsWhatItsQueueHolds)
{
    GatewayProcess gateway(drainingIn("20s", {{"MWS_WEBSOCKET_CLOSE_TIMEOUT", "1s"}}));
    Endpoint narrow = gateway.endpoint();
    narrow.receiveBuffer = 4096;
    GatewayApi backend(narrow, "/v1", securityToken);
    OpenSocket slow = backend.open();
    const int sent = fillQueue(backend, slow.id);
    terminate(gateway);
    letPass(milliseconds(2500)); // longer than the close timeout
    for (int i = 0; i < sent; ++i)
        EXPECT_EQ(slow.socket.readMessage(), largeMessage) << i;
    EXPECT_EQ(slow.socket.readClose(), 1001);
    slow.socket.connection().close();
    EXPECT_EQ(gateway.waitForExit(), 0);
}

TEST_F(Drain, DelayLeavesTimeForALoadBalancer)
{
    GatewayProcess gateway(drainingIn("20s", {{"MWS_SERVER_DRAIN_DELAY", "1500ms"}}));
    GatewayApi backend(gateway.endpoint(), "/v1", securityToken);
    OpenSocket before = backend.open();
    const auto start = Clock::now();
    gateway.signal(SIGTERM);
    const Deadline deadline(patience);
    while (HttpClient(gateway.endpoint()).request(readyRequest()).status != 503 && deadline.left() > 0) {
    }
    EXPECT_EQ(HttpClient(gateway.endpoint()).request(readyRequest()).status, 503);
    OpenSocket meanwhile = backend.open();
    backend.sendToAll("still here");
    for (OpenSocket *open : {&before, &meanwhile}) {
        EXPECT_EQ(open->socket.readMessage(), "still here");
        EXPECT_EQ(open->socket.readClose(), 1001);
        open->socket.connection().close();
    }
    EXPECT_GE(since(start), milliseconds(1400));
    EXPECT_EQ(gateway.waitForExit(), 0);
}

} // namespace mws::test
