#include "support/gateway_test.h"
#include "support/test_certificates.h"

namespace mws::test {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

/// A gateway with TLS, and those who do not play by its rules.
class TlsAttack : public ::testing::Test
{
protected:
    static GatewayOptions options(const TestCertificates &certificates)
    {
        Environment more = certificates.environment();
        more["MWS_TLS_HANDSHAKE_TIMEOUT"] = "1s";
        return guardedGateway(std::move(more));
    }
    Endpoint secure() const
    {
        Endpoint to = gateway.endpoint();
        to.tls = certificates.client();
        return to;
    }
    bool isWell() const { return HttpClient(secure()).request("GET", "/").status == 200; }
    /// The start of a ClientHello, never finished.
    static std::string halfHello() { return std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11); }

    const TestCertificates certificates;
    GatewayProcess gateway{options(certificates)};
    GatewayApi backend{secure(), "/v1", securityToken};
};

TEST_F(TlsAttack, SilentConnectionsAreGoneByTheHandshakeDeadline)
{
    std::vector<RawConnection> silent;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 200; ++i) {
        silent.emplace_back(gateway.endpoint());
        ASSERT_TRUE(silent.back().isOpen());
        if (i % 2 == 1)
            silent.back().send(halfHello());
    }
    EXPECT_TRUE(isWell());
    EXPECT_FALSE(silent.back().atEnd());
    for (RawConnection &connection : silent)
        EXPECT_TRUE(connection.waitForEnd());
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_GE(took, 1s);
    EXPECT_LT(took, 4s);
    EXPECT_TRUE(isWell());
}

TEST_F(TlsAttack, DeadlineHoldsForWhoDripsItsHello)
{
    RawConnection dripping(gateway.endpoint());
    const std::string hello = halfHello();
    const auto start = std::chrono::steady_clock::now();
    for (size_t i = 0; i < hello.size(); ++i) {
        dripping.send(hello.substr(i, 1));
        if (dripping.waitForEnd(300ms))
            break;
    }
    EXPECT_TRUE(dripping.waitForEnd());
    EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
}

TEST_F(TlsAttack, PlainHttpIsToldAndClosed)
{
    RawConnection plain(gateway.endpoint());
    ASSERT_TRUE(plain.send("POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" +
                           std::string(100000, 'x')));
    const HttpAnswer answer = readHttpAnswer(plain);
    EXPECT_EQ(answer.status, 400);
    EXPECT_THAT(answer.body, HasSubstr("This port speaks TLS: use https:// or wss://"));
    EXPECT_TRUE(plain.waitForEnd());
    EXPECT_EQ(plain.readToEnd(), ""); // one answer
}

TEST_F(TlsAttack, OtherBytesAreClosedWithoutAWord)
{
    for (const std::string &bytes :
         {std::string(1, '\0'), std::string("\x80\x2e\x01\x00\x02", 5), std::string(5000, '\xff'),
          std::string("\x15\x03\x01\x00\x02\x02\x28", 7)}) {
        RawConnection other(gateway.endpoint());
        ASSERT_TRUE(other.send(bytes));
        EXPECT_TRUE(other.waitForEnd());
        EXPECT_EQ(other.readToEnd(), "");
    }
    EXPECT_TRUE(isWell());
}

TEST_F(TlsAttack, FailedHandshakesLeaveNoLogLines)
{
    for (int i = 0; i < 100; ++i) {
        RawConnection broken(gateway.endpoint());
        switch (i % 4) {
        case 0:
            broken.send(halfHello());
            broken.reset();
            break;
        case 1:
            broken.send(halfHello() + std::string(600, 'g'));
            EXPECT_TRUE(broken.waitForEnd());
            break;
        case 2:
            broken.send(halfHello());
            broken.close();
            break;
        default:
            broken.send("GET / HTTP/1.1\r\n\r\n");
            EXPECT_TRUE(broken.waitForEnd());
        }
    }
    EXPECT_TRUE(isWell());
    EXPECT_EQ(gateway.stop(), 0);
    for (const char *word : {"TLS handshake failed", "does not begin with TLS", "request refused"})
        EXPECT_THAT(gateway.log(), Not(HasSubstr(word)));
}

TEST_F(TlsAttack, ReaderThatStopsIsClosedWith1013AndLosesNothingBefore)
{
    OpenSocket reads = backend.open();
    Endpoint narrow = secure();
    narrow.receiveBuffer = 4096;
    GatewayApi slow(narrow, "/v1", securityToken);
    OpenSocket stalled = slow.open();
    const size_t messages = 150; // 9.6 MB: more than the kernel's buffers and the queue hold
    for (size_t i = 0; i < messages; ++i) {
        const std::string text = std::to_string(i) + ' ' + std::string(65536, 'm');
        ASSERT_EQ(backend.sendToAll(text).status, 201);
        ASSERT_EQ(reads.socket.readMessage(), text);
    }
    EXPECT_TRUE(gateway.waitForLog("socket closed: its client reads too slowly"));
    size_t got = 0;
    int code = 0;
    while (const auto frame = stalled.socket.readAnyFrame()) { // whole frames in order, to the Close
        if (frame->opcode == Opcode::Close) {
            code = frame->closeCode();
            break;
        }
        ASSERT_EQ(frame->payload, std::to_string(got) + ' ' + std::string(65536, 'm'));
        ++got;
    }
    EXPECT_EQ(code, 1013);
    EXPECT_LT(got, messages);
    EXPECT_GT(got, 0u);
}

TEST_F(TlsAttack, PipeliningWithoutReadingIsHeldBack)
{
    RawConnection greedy(secure());
    const std::string request = "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n";
    std::string many;
    for (int i = 0; i < 1000; ++i)
        many += request;
    size_t total = 0;
    while (total < 64u << 20 && greedy.send(many, 1000ms)) // until the gateway reads no more
        total += many.size();
    EXPECT_LT(total, 64u << 20);
    EXPECT_TRUE(isWell());
}

TEST_F(TlsAttack, LongAnswersReachAReaderWithASmallWindow)
{
    std::vector<OpenSocket> sockets;
    for (int i = 0; i < 300; ++i)
        sockets.push_back(backend.open({"a-tag-that-is-rather-long-" + std::to_string(i)}));
    Endpoint narrow = secure();
    narrow.receiveBuffer = 2048;
    RawConnection reader(narrow);
    std::string requests;
    for (int i = 0; i < 20; ++i)
        requests += std::string("GET /v1/sockets?limit=300 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ") +
                    securityToken + "\r\n\r\n";
    ASSERT_TRUE(reader.send(requests));
    for (int i = 0; i < 20; ++i) {
        const HttpAnswer answer = readHttpAnswer(reader);
        ASSERT_EQ(answer.status, 200);
        ASSERT_EQ(JsonView(answer.body).size("/results"), 300);
    }
}

} // namespace mws::test
