#include "identity/enginio_identity_checker.h"

#include "fake_enginio.h"
#include "identity/enginio_client.h"
#include "support/fake_clock.h"

#include <deque>
#include <gtest/gtest.h>
#include <mutex>
#include <optional>
#include <thread>

namespace mws {

using test::FakeEnginio;
using test::waitFor;

namespace {

/// Runs what was posted when the test says so.
class ManualExecutor final : public Executor
{
public:
    void post(std::function<void()> task) override
    {
        const std::lock_guard lock(m_mutex);
        m_tasks.push_back(std::move(task));
    }
    size_t waiting() const
    {
        const std::lock_guard lock(m_mutex);
        return m_tasks.size();
    }
    void runAll()
    {
        std::deque<std::function<void()>> tasks;
        {
            const std::lock_guard lock(m_mutex);
            tasks.swap(m_tasks);
        }
        for (const auto &task : tasks)
            task();
    }

private:
    mutable std::mutex m_mutex;
    std::deque<std::function<void()>> m_tasks;
};

} // namespace

struct EnginioIdentityCheckerTest : testing::Test
{
    test::FakeClock clock;
    FakeEnginio server{FakeEnginio::answer("200 OK", R"({"id":"42"})")};
    ManualExecutor worker;
    ManualExecutor network;
    EnginioClient client{clock, EnginioOptions{}};
    EnginioIdentityChecker checker{client, worker, network};
    std::shared_ptr<Gateway> gateway = std::make_shared<Gateway>();
    std::optional<Result<Identity>> result;

    EnginioIdentityCheckerTest()
    {
        gateway->id = "default";
        gateway->settings.identityProvider = {server.uri(), "backend"};
    }
    void check(const std::string &token)
    {
        result.reset();
        checker.check(gateway, token, [this](Result<Identity> answer) { result.emplace(std::move(answer)); });
    }
};

TEST_F(EnginioIdentityCheckerTest, AnswersOnTheThreadThatAsked)
{
    check("token");
    EXPECT_TRUE(server.requests().empty()); // nothing happens on the worker itself
    network.runAll();
    EXPECT_TRUE(waitFor([this] { return worker.waiting() == 1; }));
    EXPECT_FALSE(result);
    worker.runAll();
    ASSERT_TRUE(result && result->has_value());
    EXPECT_EQ(result->value().userId, "42");
}

TEST_F(EnginioIdentityCheckerTest, AnswersAtOnceWhatIsKnown)
{
    check("token");
    network.runAll();
    EXPECT_TRUE(waitFor([this] { return worker.waiting() == 1; }));
    worker.runAll();
    check("token");
    ASSERT_TRUE(result && result->has_value());
    EXPECT_EQ(network.waiting(), 0u);
    gateway->settings.identityProvider.backendId = "another";
    check("token");
    EXPECT_FALSE(result);
    EXPECT_EQ(network.waiting(), 1u);
}

TEST_F(EnginioIdentityCheckerTest, SendsNothingThatCannotBeAToken)
{
    for (const std::string &token : {std::string(), std::string(4097, 'x'), std::string("a\r\nX: y"),
                                     std::string("a b"), std::string("a\0b", 3), std::string("\xc3\xa9")}) {
        check(token);
        ASSERT_TRUE(result) << token;
        EXPECT_EQ(result->error().code, ErrorCode::AuthenticationNeeded);
    }
    EXPECT_EQ(network.waiting(), 0u);
    check(std::string(4096, 'x'));
    EXPECT_EQ(network.waiting(), 1u);
}

TEST_F(EnginioIdentityCheckerTest, IsUnavailableWithoutAProvider)
{
    gateway->settings.identityProvider.edsUri.clear();
    check("token");
    ASSERT_TRUE(result);
    EXPECT_EQ(result->error().code, ErrorCode::Unavailable);
}

TEST_F(EnginioIdentityCheckerTest, ServesSeveralWorkersWithOneRequest)
{
    ManualExecutor otherWorker;
    EnginioIdentityChecker otherChecker(client, otherWorker, network);
    std::optional<Result<Identity>> otherResult;
    std::thread thread([&] {
        otherChecker.check(gateway, "token",
                           [&](Result<Identity> answer) { otherResult.emplace(std::move(answer)); });
    });
    check("token");
    thread.join();
    network.runAll();
    EXPECT_TRUE(waitFor([&] { return worker.waiting() == 1 && otherWorker.waiting() == 1; }));
    worker.runAll();
    otherWorker.runAll();
    EXPECT_TRUE(result && result->has_value());
    EXPECT_TRUE(otherResult && otherResult->has_value());
    EXPECT_EQ(server.requests().size(), 1u);
}

} // namespace mws
