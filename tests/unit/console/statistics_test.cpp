#include "console/statistics.h"

#include <gtest/gtest.h>

namespace mws {
namespace {

constexpr WallTime now{std::chrono::milliseconds(1700000000123)};

TEST(Statistics, SumsWhatWorkersCount)
{
    WorkerMetrics one;
    WorkerMetrics two;
    one.connectionsAccepted.add(5);
    one.connectionsClosed.add(2);
    two.connectionsAccepted.add(1);
    one.queuedBytes.set(100);
    two.queuedBytes.set(11);
    one.gateway("a")->socketsOpened.add(4);
    two.gateway("a")->socketsOpened.add(3);
    two.gateway("a")->socketsClosed.add(1);
    one.gateway("a")->messages.add(7);
    two.gateway("a")->deliveries.add(9);
    two.gateway("a")->slowClosed.add(2);
    one.gateway("b")->slowDropped.add(3);
    EXPECT_EQ(
        statisticsJson({"node", true}, {&one, &two}, {{"b", 77}, {"_console", 5}}, now),
        R"({"type":"statistics","node":"node","at":1700000000123,"ready":true,"connections":4,)"
        R"("queuedBytes":111,"gateways":{"a":{"sockets":6,"messages":7,"deliveries":9,"queuedBytes":0,)"
        R"("slowClosed":2,"slowDropped":0},"b":{"sockets":0,"messages":0,"deliveries":0,"queuedBytes":77,)"
        R"("slowClosed":0,"slowDropped":3}}})");
}

TEST(Statistics, LeavesOutWhatIsTheServicesOwn)
{
    WorkerMetrics worker;
    worker.gateway("_console")->messages.add();
    EXPECT_EQ(statisticsJson({"n", false}, {&worker}, {{"_console", 5}}, now),
              R"({"type":"statistics","node":"n","at":1700000000123,"ready":false,"connections":0,)"
              R"("queuedBytes":0,"gateways":{}})");
}

} // namespace
} // namespace mws
