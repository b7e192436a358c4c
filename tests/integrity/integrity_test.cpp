#include "churn.h"
#include "receivers.h"
#include "support/gateway_test.h"
#include "support/pipelining_client.h"
#include "support/socket_swarm.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace mws::test {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds longestRun{500};
constexpr size_t requestsUnderWay = 64; ///< of one publisher
constexpr size_t requestsTogether = 32;
constexpr uint64_t deliveriesUnderWay = 100'000; ///< more wait until they have been read

size_t messageCount()
{
    const char *count = std::getenv("MWS_INTEGRITY_MESSAGES");
    return count ? size_t(std::atoll(count)) : MWS_INTEGRITY_MESSAGES;
}

/// Whether other sockets carry the plan's tags, so that answers count more than the plan's.
enum class Others { None, ComeAndGo };

/// A gateway, the plan's sockets, and publishers with a connection and a thread each.
class Integrity : public ::testing::Test
{
protected:
    void openSockets()
    {
        GatewayApi backend(m_gateway.endpoint(), "/v1", securityToken);
        for (size_t i = 0; i < m_plan.size().sockets; ++i) {
            OpenSocket open = backend.open({Plan::groupTag(i % m_plan.size().groups)});
            m_ids.push_back(open.id);
            m_swarm.add(std::move(open.socket));
        }
    }
    void publish(size_t publisher, Others others);
    void run(Others others);

    Plan m_plan{20261124, {.messages = messageCount()}};
    GatewayProcess m_gateway{guardedGateway()};
    Receivers m_receivers{m_plan};
    SocketSwarm m_swarm{
        [this](size_t socket, std::string_view payload) { m_receivers.take(socket, payload); }};
    std::vector<std::string> m_ids;

private:
    std::string request(size_t publisher, uint32_t number) const;
    void awaitReaders(uint64_t deliveries);

    std::atomic<uint64_t> m_posted{0}; ///< deliveries
};

std::string Integrity::request(size_t publisher, uint32_t number) const
{
    const Plan::Message message = m_plan.message(publisher, number);
    std::string receivers = R"({"sockets":["*"]})";
    if (message.kind == Plan::Kind::Id)
        receivers = "{\"sockets\":[\"" + m_ids[message.target] + "\"]}";
    else if (message.kind == Plan::Kind::Tag)
        receivers = "{\"tags\":[\"" + Plan::groupTag(message.target) + "\"]}";
    return messagePost("/v1", securityToken,
                       "{\"data\":\"" + m_plan.payload(publisher, number) + "\",\"receivers\":" + receivers +
                           '}');
}

void Integrity::awaitReaders(uint64_t deliveries)
{
    const uint64_t posted = m_posted += deliveries;
    for (uint64_t received = m_receivers.received; received + deliveriesUnderWay < posted;
         received = m_receivers.received)
        m_receivers.received.wait(received);
}

void Integrity::publish(size_t publisher, Others others)
{
    PipeliningClient client(m_gateway.endpoint());
    uint32_t sent = 0;
    for (uint32_t answered = 0; answered < m_plan.perPublisher(); ++answered) {
        if (sent - answered <= requestsUnderWay - requestsTogether) {
            std::string together;
            uint64_t deliveries = 0;
            for (size_t i = 0; i < requestsTogether && sent < m_plan.perPublisher(); ++i, ++sent) {
                deliveries += m_plan.message(publisher, sent).matched;
                together += request(publisher, sent);
            }
            awaitReaders(deliveries);
            ASSERT_TRUE(together.empty() || client.send(together, std::chrono::seconds(60)));
        }
        const Receipt receipt = client.readReceipt(std::chrono::seconds(60));
        const uint64_t matched = m_plan.message(publisher, answered).matched;
        ASSERT_EQ(receipt.status, 204) << "publisher " << publisher << ", message " << answered;
        ASSERT_GE(receipt.matched, matched);
        if (others == Others::None) {
            ASSERT_EQ(receipt.matched, matched);
            ASSERT_EQ(receipt.dropped, 0u);
        }
    }
}

void Integrity::run(Others others)
{
    openSockets();
    Churn churn(m_gateway.endpoint(), securityToken, m_ids);
    std::atomic<bool> done{false};
    std::vector<std::thread> threads;
    const auto start = Clock::now();
    if (others == Others::ComeAndGo)
        threads.emplace_back([&] { churn.run(done); });
    std::atomic<size_t> publishing{m_plan.size().publishers};
    for (size_t publisher = 0; publisher < m_plan.size().publishers; ++publisher)
        threads.emplace_back([this, publisher, others, &publishing] {
            publish(publisher, others);
            --publishing;
        });
    const auto finished = [&] {
        m_receivers.publish();
        // One that failed leaves messages out: then those that were sent are awaited no longer than this.
        return m_receivers.complete() || (HasFailure() && publishing == 0);
    };
    EXPECT_TRUE(m_swarm.run(finished, longestRun));
    m_receivers.release();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    // Whatever should not have come would come now.
    m_swarm.run([] { return false; }, std::chrono::milliseconds(300));
    done = true;
    for (std::thread &thread : threads)
        thread.join();
    m_receivers.checkEnd();
    EXPECT_EQ(m_swarm.openCount(), m_plan.size().sockets);
    std::printf("%zu messages, %zu deliveries in %.1f s: %.0f messages/s, %.0f deliveries/s\n",
                m_plan.size().messages, m_receivers.taken(), seconds,
                double(m_plan.size().messages) / seconds, double(m_receivers.taken()) / seconds);
    if (others == Others::ComeAndGo) {
        std::printf("meanwhile: %zu sockets opened, %zu ended, %zu changes of tags, %zu deliveries to them\n",
                    churn.opened, churn.ended, churn.changed, churn.received);
        EXPECT_GT(churn.ended, 0u);
        EXPECT_GT(churn.received, 0u);
    }
    EXPECT_EQ(m_gateway.stop(), 0);
}

} // namespace

TEST_F(Integrity, NothingIsLostDoubledOrReordered)
{
    run(Others::None);
}

TEST_F(Integrity, NothingIsLostWhileOtherSocketsComeAndGo)
{
    run(Others::ComeAndGo);
}

} // namespace mws::test
