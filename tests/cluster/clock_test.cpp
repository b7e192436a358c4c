#include "attack_test.h"
#include "failure_test.h"

#include <filesystem>

namespace mws::test {

namespace {

/// Debian's library for programs with threads; empty if it is not there.
std::string faketime()
{
    std::error_code ignored;
    for (const auto &folder : std::filesystem::directory_iterator("/usr/lib", ignored))
        if (const auto file = folder.path() / "faketime/libfaketimeMT.so.1";
            std::filesystem::exists(file, ignored))
            return file.string();
    return {};
}

} // namespace

/// Nodes whose clocks are wrong by so many seconds, as seen from Redis and from us.
class ClocksApart : public FailureTest
{
protected:
    void SetUp() override
    {
        const std::string library = faketime();
        ASSERT_FALSE(library.empty()) << "package faketime is needed (./dev setup test)";
        if (sanitized)
            GTEST_SKIP() << "the sanitizers' own libraries must be loaded first";
        for (const int seconds : {0, 60, -60}) {
            Environment more;
            if (seconds != 0)
                more = {{"LD_PRELOAD", library},
                        {"FAKETIME", (seconds > 0 ? "+" : "") + std::to_string(seconds)},
                        {"FAKETIME_DONT_FAKE_MONOTONIC", "1"}};
            nodes.push_back(startNodeAt(redis.url(), {.environment = more}));
        }
    }
    /// Of a reservation that is made there now.
    static std::string expiry(Node &node)
    {
        return JsonView(node.api.post("/sockets", R"({"tags":[],"expiresIn":86400})").body)
            .string("/expiresAt");
    }

    RedisServer redis;
};

TEST_F(ClocksApart, TokensOpenWithinTheirLifeLessThatTime)
{
    const std::string before = expiry(*nodes[2]);
    const std::string right = expiry(*nodes[0]);
    EXPECT_LT(before, right) << "the clocks are not apart";
    EXPECT_LT(right, expiry(*nodes[1]));
    for (size_t issuer = 0; issuer < 3; ++issuer)
        for (size_t opener = 0; opener < 3; ++opener) {
            if (issuer + opener == 3)
                continue; // apart by two minutes, which is more than is promised
            const Issued issued = nodes[issuer]->api.reserve({"all"}, R"("expiresIn":90)");
            EXPECT_TRUE(nodes[opener]->api.openIssued(issued).isOpen()) << issuer << " to " << opener;
            for (const auto &node : nodes) // spent is spent
                EXPECT_EQ(node->api.openIssued(issued).answer().status, 401) << issuer << " to " << opener;
        }
}

TEST_F(ClocksApart, MessagesLiveAsLongAsTheySay)
{
    std::vector<OpenSocket> sockets;
    for (const auto &node : nodes)
        sockets.push_back(node->api.open({"all"}));
    int sent = 0;
    for (const auto &node : nodes)
        ASSERT_EQ(node->api.post("/messages", messageOf(std::to_string(sent++), R"(,"ttl":20)")).status, 201);
    for (OpenSocket &socket : sockets)
        expectNumbers(socket.socket, 0, sent - 1);
}

TEST_F(ClocksApart, NothingIsLostDoubledOrOutOfOrder)
{
    load();
    ASSERT_TRUE(traffic->passes(2 * some));
    OpenSocket socket = nodes[1]->api.open({"other"});
    const std::string other = R"({"data":"once","id":"other","receivers":{"tags":["other"]}})";
    for (const auto &node : nodes)
        EXPECT_EQ(node->api.post("/messages", other).status, 201);
    nodes[0]->api.sendToTag("other", "next");
    EXPECT_EQ(socket.socket.readMessage(longPatience), "once");
    EXPECT_EQ(socket.socket.readMessage(longPatience), "next");
    expectAllOpen();
    EXPECT_EQ(settle().told1012, 0u);
}

/// What was missed while Redis was away is still read on, whatever the clocks say.
TEST_F(ClocksApart, RedisIsAwayForAWhile)
{
    load();
    redis.freeze();
    for (const auto &node : nodes)
        expectRefusals(*node);
    redis.thaw();
    expectRecovery(now(), allNodes());
    ASSERT_TRUE(traffic->passes(some));
    expectAllOpen();
    EXPECT_EQ(settle().told1012, 0u);
}

} // namespace mws::test
