#include "support/gateway_test.h"

namespace mws::test {

using ::testing::HasSubstr;
using ::testing::StartsWith;

namespace {

const std::string getRoot = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string rootBody = R"({"name":"MWS"})";

std::string postMessage(const std::string &text)
{
    const std::string body = "{\"data\":" + jsonString(text) + R"(,"receivers":{"sockets":["*"]}})";
    return "POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

} // namespace

class HttpConnection : public GatewayTest
{
protected:
    HttpConnection() : GatewayTest(GatewayOptions{}) {}
    RawConnection connect() const { return RawConnection(gateway.endpoint()); }
    RawWebSocket openSocket()
    {
        return RawWebSocket(gateway.endpoint(),
                            targetOf(JsonView(backend.get("/websocket_uri").body).string("/uri")));
    }
};

TEST_F(HttpConnection, FiftyPipelinedRequestsAreAnsweredInOrder)
{
    RawWebSocket witness = openSocket();
    RawConnection connection = connect();
    std::string requests;
    for (int i = 0; i < 50; ++i)
        requests += postMessage(std::to_string(i));
    ASSERT_TRUE(connection.send(requests));
    for (int i = 0; i < 50; ++i) {
        const HttpAnswer answer = readHttpAnswer(connection);
        ASSERT_EQ(answer.status, 201) << i;
        EXPECT_EQ(JsonView(answer.body).string("/data"), std::to_string(i));
    }
    for (int i = 0; i < 50; ++i)
        ASSERT_EQ(witness.readMessage(), std::to_string(i));
}

TEST_F(HttpConnection, ClientThatPipelinesAndNeverReadsIsNotReadOn)
{
    Endpoint small = gateway.endpoint();
    small.receiveBuffer = 4096;
    RawConnection greedy(small);
    const std::string request = postMessage(std::string(30000, 'g'));
    size_t taken = 0;
    constexpr size_t limit = 64u << 20;
    size_t offset = 0;
    // Until nothing is taken for a while: the gateway reads no more than it may hold and the kernel's buffers
    // are full.
    while (taken < limit) {
        const size_t sent = greedy.sendAvailable(std::string_view(request).substr(offset));
        taken += sent;
        offset = (offset + sent) % request.size();
        if (sent == 0 &&
            !greedy.send(std::string_view(request).substr(offset, 1), std::chrono::milliseconds(500)))
            break;
        if (sent == 0) {
            ++taken;
            offset = (offset + 1) % request.size();
        }
    }
    EXPECT_LT(taken, limit);
    EXPECT_EQ(backend.client().request("GET", "/").status, 200);
}

TEST_F(HttpConnection, PathThatBeginsWithTwoSlashesIsUnknown)
{
    HttpClient client(gateway.endpoint());
    for (const char *target :
         {"//elsewhere/v1/websocket_uri", "//elsewhere/", "///v1/websocket_uri", "//[::1/"})
        EXPECT_EQ(client.request("GET", target).status, 404) << target;
}

TEST_F(HttpConnection, HalfClosedClientIsAnswered)
{
    for (const std::string &request : {getRoot, getRoot + getRoot + getRoot}) {
        RawConnection connection = connect();
        connection.send(request);
        connection.shutdownWrite();
        for (size_t i = 0; i < request.size() / getRoot.size(); ++i)
            EXPECT_EQ(readHttpAnswer(connection).body, rootBody);
        EXPECT_TRUE(connection.waitForEnd());
    }
}

TEST_F(HttpConnection, HalfClosedWithinARequestIsClosed)
{
    RawConnection connection = connect();
    connection.send("POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{");
    connection.shutdownWrite();
    EXPECT_TRUE(connection.waitForEnd());
}

TEST_F(HttpConnection, ExpectContinueIsAnsweredBeforeTheBody)
{
    RawConnection connection = connect();
    connection.send(
        "POST /v1/messages HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 27\r\n\r\n");
    EXPECT_THAT(connection.readUntil("\r\n\r\n"), StartsWith("HTTP/1.1 100 "));
    connection.send(R"({"data":"x","receivers":{}})");
    EXPECT_THAT(connection.readUntil("\r\n\r\n"), StartsWith("HTTP/1.1 201 "));
}

TEST_F(HttpConnection, ExpectContinueOfATooLargeBodyIsRefusedAtOnce)
{
    RawConnection connection = connect();
    connection.send(
        "POST /v1/messages HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2000000\r\n\r\n");
    EXPECT_THAT(connection.readUntil("\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpConnection, ChunkedBodyByteByByte)
{
    RawWebSocket witness = openSocket();
    RawConnection connection = connect();
    const std::string body = R"({"data":"in pieces","receivers":{"sockets":["*"]}})";
    connection.send("POST /v1/messages HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const char byte : body)
        ASSERT_TRUE(connection.send("1\r\n" + std::string(1, byte) + "\r\n"));
    connection.send("0\r\n\r\n" + getRoot);
    EXPECT_EQ(readHttpAnswer(connection).status, 201);
    EXPECT_EQ(readHttpAnswer(connection).body, rootBody);
    EXPECT_EQ(witness.readMessage(), "in pieces");
}

TEST_F(HttpConnection, HeadAnswersHaveNoBodyOnTheWire)
{
    RawConnection connection = connect();
    connection.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD /nothing HTTP/1.1\r\nHost: a\r\n\r\n" + getRoot);
    const HttpAnswer head = readHttpAnswer(connection, AnswerBody::None);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("Content-Length"), std::to_string(rootBody.size()));
    EXPECT_EQ(readHttpAnswer(connection, AnswerBody::None).status, 404);
    EXPECT_EQ(readHttpAnswer(connection).body, rootBody);
}

TEST_F(HttpConnection, RequestsAfterConnectionCloseAreNotRun)
{
    RawWebSocket witness = openSocket();
    RawConnection connection = connect();
    connection.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + postMessage("too late"));
    EXPECT_EQ(readHttpAnswer(connection).body, rootBody);
    EXPECT_EQ(connection.readToEnd(), "");
    backend.sendToAll("next");
    EXPECT_EQ(witness.readMessage(), "next");
}

TEST_F(HttpConnection, ClientThatVanishesWithinARequestHarmsNobody)
{
    for (int i = 0; i < 50; ++i) {
        RawConnection leaving = connect();
        leaving.send(postMessage("gone").substr(0, size_t(20 + 2 * i)));
        leaving.reset();
        RawConnection asking = connect();
        asking.send(getRoot + getRoot);
        asking.reset();
    }
    EXPECT_EQ(backend.client().request("GET", "/").status, 200);
}

class ShortDeadlines : public GatewayTest
{
protected:
    ShortDeadlines()
        : GatewayTest({.environment = {{"MWS_HTTP_HEAD_TIMEOUT", "300ms"},
                                       {"MWS_HTTP_BODY_TIMEOUT", "300ms"},
                                       {"MWS_HTTP_IDLE_TIMEOUT", "600ms"}}})
    {}
};

TEST_F(ShortDeadlines, SlowHeadIs408)
{
    RawConnection connection(gateway.endpoint());
    connection.send("GET / HTTP/1.1\r\nHost:");
    EXPECT_EQ(readHttpAnswer(connection).status, 408);
    EXPECT_TRUE(connection.waitForEnd());
}

TEST_F(ShortDeadlines, DrippingHeadIs408Nevertheless)
{
    RawConnection connection(gateway.endpoint());
    connection.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
    for (int i = 0; i < 100 && !connection.waitForData(std::chrono::milliseconds(50)); ++i)
        connection.send("x");
    EXPECT_EQ(readHttpAnswer(connection).status, 408);
}

TEST_F(ShortDeadlines, StalledBodyIs408ButASlowOneIsNot)
{
    RawConnection stalled(gateway.endpoint());
    stalled.send("POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\n{");
    EXPECT_EQ(readHttpAnswer(stalled).status, 408);

    RawConnection slow(gateway.endpoint());
    const std::string body = R"({"data":"x","receivers":{}})";
    slow.send("POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n");
    for (size_t at = 0; at < body.size(); at += 5) {
        slow.send(body.substr(at, 5));
        EXPECT_TRUE(at + 5 >= body.size() || !slow.waitForData(std::chrono::milliseconds(100)));
    }
    EXPECT_EQ(readHttpAnswer(slow).status, 201);
}

TEST_F(ShortDeadlines, IdleConnectionIsClosedWithoutAWord)
{
    RawConnection fresh(gateway.endpoint());
    RawConnection used(gateway.endpoint());
    used.send(getRoot);
    EXPECT_EQ(readHttpAnswer(used).status, 200);
    EXPECT_TRUE(fresh.waitForEnd());
    EXPECT_TRUE(used.waitForEnd());
    EXPECT_EQ(used.readToEnd(), "");
}

TEST_F(ShortDeadlines, ClientThatAsksOnWithoutReadingIsClosed)
{
    Endpoint small = gateway.endpoint();
    small.receiveBuffer = 4096;
    RawConnection greedy(small);
    // One by one, so that the kernel's buffers are full before the gateway stops to read.
    const std::string request = postMessage(std::string(20000, 'g'));
    bool refused = false;
    for (int i = 0; i < 2000 && !refused; ++i) {
        refused = greedy.sendAvailable(request) < request.size();
        backend.client().request("GET", "/"); // a turn or more of the gateway
    }
    ASSERT_TRUE(refused);
    letPass(std::chrono::milliseconds(1500));
    EXPECT_EQ(greedy.readToEnd().find(" 408 "), std::string::npos); // and no answer after it read on
    EXPECT_TRUE(greedy.atEnd());
}

class ShortHeadDeadline : public GatewayTest
{
protected:
    ShortHeadDeadline() : GatewayTest(guardedGateway({{"MWS_HTTP_HEAD_TIMEOUT", "300ms"}})) {}
};

TEST_F(ShortHeadDeadline, HoldsForAHeadThatBeganWhileAnAnswerWasUnderWay)
{
    RawConnection connection(gateway.endpoint());
    const std::string bearer = std::string("Authorization: Bearer ") + securityToken + "\r\n";
    connection.send("PUT /v1/configuration HTTP/1.1\r\nHost: a\r\n" + bearer +
                    "Content-Length: 12\r\n\r\n{\"name\":\"n\"}GET / HT");
    EXPECT_EQ(readHttpAnswer(connection).status, 200);
    EXPECT_EQ(readHttpAnswer(connection).status, 408);
}

class SlowReader : public GatewayTest
{
protected:
    SlowReader()
        : GatewayTest({.environment = {{"MWS_HTTP_BODY_BYTES", "64MiB"}, {"MWS_HTTP_BODY_TIMEOUT", "2s"}}})
    {}
};

TEST_F(SlowReader, GetsAllOfALastAnswerHoweverLongItTakes)
{
    Endpoint small = gateway.endpoint();
    small.receiveBuffer = 65536;
    RawConnection slow(small);
    const size_t size = 12 << 20; // thrice what kernels hold
    std::string request = postMessage(std::string(size, 'g'));
    request.insert(request.find("\r\n") + 2, "Connection: close\r\n");
    ASSERT_TRUE(slow.send(request, std::chrono::seconds(30))); // TSan's gateway reads it for seconds
    size_t received = 0;
    for (std::string part(1, ' '); !part.empty(); received += part.size()) {
        letPass(std::chrono::milliseconds(100)); // longer than the two seconds for a peer's end, in all
        part = slow.read(256 << 10);
    }
    EXPECT_GT(received, size);
}

TEST_F(ShortDeadlines, HalfSentRequestsDoNotHinderOthers)
{
    std::vector<RawConnection> half;
    for (int i = 0; i < 200; ++i) {
        half.emplace_back(gateway.endpoint());
        half.back().send("GET / HTTP/1.1\r\n");
    }
    EXPECT_EQ(backend.client().request("GET", "/").status, 200);
    for (RawConnection &connection : half)
        ASSERT_TRUE(connection.waitForEnd());
}

class AllAddresses : public GatewayTest
{
protected:
    AllAddresses() : GatewayTest({.environment = {{"MWS_SERVER_ADDRESS", "::"}}}) {}
};

TEST_F(AllAddresses, ServesIPv4AndIPv6)
{
    Endpoint v6 = gateway.endpoint();
    v6.host = "::1";
    HttpClient client(v6);
    EXPECT_EQ(client.request("GET", "/").body, rootBody);
    const std::string uri = JsonView(client.request("GET", "/v1/websocket_uri").body).string("/uri");
    EXPECT_THAT(uri, StartsWith("ws://[::1]:" + std::to_string(gateway.port()) + '/'));
    RawWebSocket socket(v6, targetOf(uri));
    ASSERT_TRUE(socket.isOpen());
    EXPECT_EQ(backend.client().request("GET", "/").body, rootBody);
    backend.sendToAll("over both");
    EXPECT_EQ(socket.readMessage(), "over both");
}

class OnlyIPv6 : public GatewayTest
{
protected:
    OnlyIPv6() : GatewayTest({.environment = {{"MWS_SERVER_ADDRESS", "::1"}}}) {}
};

TEST_F(OnlyIPv6, ServesIPv6)
{
    Endpoint v6 = gateway.endpoint();
    v6.host = "::1";
    EXPECT_EQ(HttpClient(v6).request("GET", "/").body, rootBody);
}

} // namespace mws::test
