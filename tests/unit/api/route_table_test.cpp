#include "api/route_table.h"
#include "unit/api/fakes.h"

#include <gtest/gtest.h>
#include <set>

namespace mws {
namespace {

std::string patternOf(const RouteInfo &route)
{
    return std::string(route.form == RouteForm::OfGateway ? "/v1/gateways/{gateway}/" : "")
        .append(route.path);
}

TEST(RouteTable, HasARowForEachRoute)
{
    test::ApiFixture fixture;
    for (const ApiRoute &route : fixture.api.routes()) {
        const RouteInfo *row = findRoute(route.method, route.pattern);
        ASSERT_TRUE(row) << "no row in route_table.cpp: " << route.method << ' ' << route.pattern;
        EXPECT_EQ(row->caller, route.caller) << route.pattern;
    }
}

TEST(RouteTable, HasNoRowWithoutARoute)
{
    test::ApiFixture fixture;
    std::set<std::string> routes;
    for (const ApiRoute &route : fixture.api.routes())
        routes.insert(std::string(route.method) + ' ' + route.pattern);
    for (const RouteInfo &row : routeTable())
        EXPECT_TRUE(routes.contains(std::string(row.method) + ' ' + patternOf(row))) << patternOf(row);
}

TEST(RouteTable, FindsBothFormsAndNothingElse)
{
    EXPECT_EQ(findRoute("POST", "/v1/messages"), findRoute("POST", "/v1/gateways/{gateway}/messages"));
    EXPECT_TRUE(findRoute("POST", "/v1/messages"));
    EXPECT_FALSE(findRoute("GET", "/v1/messages"));
    EXPECT_FALSE(findRoute("GET", "/v1/health/live"));
    EXPECT_FALSE(findRoute("GET", "socket"));
}

TEST(RouteTable, PageNamesEachPathWithItsToken)
{
    const std::string page = routesPage();
    EXPECT_NE(page.find("| POST | `/v1/messages` | write | send a message |\n"), std::string::npos);
    EXPECT_NE(page.find("| GET | `/health/live` | – | whether the process runs |\n"), std::string::npos);
    EXPECT_NE(page.find("| GET | `/v1/gateways` | operator | list gateways |\n"), std::string::npos);
}

} // namespace
} // namespace mws
