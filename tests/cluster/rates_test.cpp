#include "support/gateway_test.h"
#include "support/redis_server.h"

#include <array>
#include <cstdlib>
#include <memory>
#include <thread>

namespace mws::test {

namespace {

using namespace std::chrono_literals;
using Moment = std::chrono::steady_clock::time_point;

constexpr char message[] = R"({"data":"x","receivers":{"tags":["all"]}})";

} // namespace

/// Two nodes that keep to a gateway's rates together.
class ClusterRates : public ::testing::Test
{
protected:
    struct Node
    {
        explicit Node(GatewayOptions options) : gateway(std::move(options)) {}
        GatewayProcess gateway;
        GatewayApi api{gateway.endpoint(), "/v1", securityToken};
    };

    std::unique_ptr<Node> startNode(Environment rates)
    {
        rates.insert({{"REDIS_URL", redis.url()},
                      {"MWS_GATEWAY_SIGNING_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}});
        auto node = std::make_unique<Node>(guardedGateway(std::move(rates)));
        HttpClient client(node->gateway.endpoint());
        const Deadline deadline(longPatience);
        while (client.request("GET", "/health/ready").status != 200)
            if (deadline.left() == 0) {
                ADD_FAILURE() << node->gateway.log();
                break;
            }
        return node;
    }
    /// How many pass until one is refused, with a pause after each.
    template <typename Call>
    static int passUntilRefused(Call call, std::chrono::milliseconds pause)
    {
        for (int passed = 0; passed < 1000; ++passed) {
            const HttpAnswer answer = call();
            if (answer.status == 429) {
                EXPECT_GE(std::atoi(answer.header("Retry-After").c_str()), 1);
                return passed;
            }
            EXPECT_THAT(answer.status, ::testing::AnyOf(200, 201)) << answer.body;
            letPass(pause);
        }
        return 1000;
    }

    RedisServer redis;
};

TEST_F(ClusterRates, WhatOneNodePassedCountsAtTheOther)
{
    const Environment rates{{"MWS_GATEWAY_MESSAGES_PER_SECOND", "1"},
                            {"MWS_GATEWAY_RESERVATIONS_PER_SECOND", "1"},
                            {"MWS_GATEWAY_BURST", "300s"}};
    const auto one = startNode(rates);
    const auto two = startNode(rates);
    EXPECT_GE(passUntilRefused([&] { return one->api.post("/messages", message); }, 0ms), 300);
    EXPECT_LT(passUntilRefused([&] { return two->api.post("/messages", message); }, 100ms), 150);
    EXPECT_GE(passUntilRefused([&] { return two->api.get("/websocket_uri"); }, 0ms), 300);
    EXPECT_LT(passUntilRefused([&] { return one->api.post("/sockets", "{}"); }, 100ms), 150);
}

TEST_F(ClusterRates, BothAtOnceAsFastAsPossiblePassAboutTheRate)
{
    constexpr int rate = 50;
    const Environment rates{{"MWS_GATEWAY_MESSAGES_PER_SECOND", std::to_string(rate)}};
    const std::array nodes{startNode(rates), startNode(rates)};
    std::array<int, 2> passed{};
    std::array<int, 2> refused{};
    const Moment begin = std::chrono::steady_clock::now();
    {
        std::vector<std::jthread> posting;
        for (size_t i = 0; i < nodes.size(); ++i)
            posting.emplace_back([&, i] {
                while (std::chrono::steady_clock::now() < begin + 6s) {
                    const HttpAnswer answer = nodes[i]->api.post("/messages", message);
                    ++(answer.status == 201 ? passed : refused)[i];
                    if (answer.status != 201 && answer.status != 429)
                        ADD_FAILURE() << answer.status << answer.body;
                }
            });
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const double allowed = rate * seconds;
    const int all = passed[0] + passed[1];
    // Documented: two bursts, and twice the rate for the time that a report takes, which a busy machine draws
    // out. Each by itself would pass all of the rate.
    EXPECT_LE(all, 1.4 * allowed + 2 * rate) << passed[0] << " and " << passed[1];
    EXPECT_GT(refused[0] + refused[1], 0);
}

} // namespace mws::test
