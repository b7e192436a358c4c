#pragma once

#include "traffic.h"

#include <iostream>
#include <sstream>

namespace mws::test {

/// Nodes under load, of which something fails.
class FailureTest : public ClusterTest
{
protected:
    ~FailureTest() override
    {
        if (m_measured.empty())
            return;
        const auto *info = ::testing::UnitTest::GetInstance()->current_test_info();
        std::cout << "measured: " << info->test_suite_name() << '.' << info->name() << ": " << m_measured
                  << std::endl;
    }

    /// Nodes with two readers and two senders each, and the first messages through.
    void startUnderLoad(const std::string &redisUrl, size_t count = 3, const Environment &more = {})
    {
        for (size_t i = 0; i < count; ++i)
            nodes.push_back(startNodeAt(redisUrl, {.environment = more}));
        load();
    }
    void load()
    {
        std::vector<ClusterNode *> all;
        for (const auto &node : nodes)
            all.push_back(node.get());
        traffic = std::make_unique<Traffic>(all);
        traffic->addReaders(2);
        traffic->addSenders();
        ASSERT_TRUE(traffic->passes(some)) << nodes[0]->gateway.log();
    }
    /// Ends the load, and prints what the ledger says.
    Ledger::Balance settle()
    {
        const Ledger::Balance balance = traffic->settle();
        measured("accepted", balance.accepted);
        measured("503", balance.refused);
        measured("unanswered", balance.unknown);
        measured("delivered", balance.delivered);
        measured("told 1012", balance.told1012);
        if (balance.told1012 > 0)
            measured("missed by those", balance.lostTold);
        return balance;
    }
    /// Until all these nodes work again. On a machine with nothing else to do it takes less than 5 s; here
    /// only a hang fails.
    void expectRecovery(Ledger::Moment since, const std::vector<size_t> &which)
    {
        const auto took = traffic->recovery(since, which);
        measured("back after ms", took.count());
        EXPECT_LT(took, std::chrono::seconds(20));
    }
    std::vector<size_t> allNodes() const
    {
        std::vector<size_t> all;
        for (size_t i = 0; i < nodes.size(); ++i)
            all.push_back(i);
        return all;
    }
    /// All that a node without its broker cannot do.
    static void expectRefusals(Node &node)
    {
        ASSERT_TRUE(waitForStatus(node, "/health/ready", 503)) << node.gateway.log();
        const HttpAnswer posted = post(node, "x");
        EXPECT_EQ(posted.status, 503);
        EXPECT_TRUE(posted.hasHeader("Retry-After"));
        const HttpAnswer reserved = node.api.post("/sockets", R"({"tags":["all"]})");
        EXPECT_EQ(reserved.status, 503);
        EXPECT_TRUE(reserved.hasHeader("Retry-After"));
        const HttpAnswer uri = node.api.get("/websocket_uri");
        EXPECT_EQ(uri.status, 503) << uri.body;
        EXPECT_TRUE(uri.hasHeader("Retry-After"));
    }
    bool isOpen(size_t reader) const { return traffic->ledger().code(reader) == 0; }
    void expectAllOpen() const
    {
        for (size_t reader = 0; reader < 2 * nodes.size(); ++reader)
            EXPECT_TRUE(isOpen(reader)) << reader << ": " << traffic->ledger().code(reader);
    }

    /// Adds to the line `measured: …`, and to the test's record.
    template <typename Value>
    void measured(const std::string &name, const Value &value)
    {
        std::ostringstream text;
        text << value;
        m_measured += (m_measured.empty() ? "" : ", ") + name + ' ' + text.str();
        RecordProperty(name, text.str());
    }
    static int64_t milliseconds(std::chrono::steady_clock::duration time)
    {
        return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    }
    static void letPassUntil(Ledger::Moment moment)
    {
        if (const int64_t left = milliseconds(moment - now()); left > 0)
            letPass(std::chrono::milliseconds(left));
    }
    static Ledger::Moment now() { return std::chrono::steady_clock::now(); }

    static constexpr uint64_t some = 25; ///< messages of each sender: half a second
    static inline const std::vector<std::string> durable{"--appendonly", "yes", "--appendfsync", "always"};

    std::vector<std::unique_ptr<Node>> nodes;
    std::unique_ptr<Traffic> traffic;

private:
    std::string m_measured;
};

} // namespace mws::test
