#include "config/environment.h"

#include <gtest/gtest.h>

namespace mws {

TEST(Environment, SuggestsTheVariableThatWasMeant)
{
    const EnvironmentContent content =
        readEnvironment({{"MWS_SERVER_PROT", "1"}, {"MWS_ZEBRA_STRIPES", "1"}, {"MWS_ZEBRA\nWEB", "1"}});
    ASSERT_EQ(content.problems.size(), 3u);
    EXPECT_EQ(content.problems[0], "MWS_SERVER_PROT: no option has this name; did you mean MWS_SERVER_PORT?");
    EXPECT_EQ(content.problems[1], "MWS_ZEBRA\\u000aWEB: no option has this name");
    EXPECT_EQ(content.problems[2], "MWS_ZEBRA_STRIPES: no option has this name");
}

TEST(Environment, RefusesTwoVariablesThatDiffer)
{
    EXPECT_TRUE(readEnvironment({{"PORT", "1"}, {"MWS_SERVER_PORT", "1"}}).problems.empty());
    const auto differing = readEnvironment({{"PORT", "1"}, {"MWS_SERVER_PORT", "2"}});
    ASSERT_EQ(differing.problems.size(), 1u);
    EXPECT_EQ(differing.problems[0],
              "PORT: differs from MWS_SERVER_PORT, which sets the same (server.port); unset one of them");
}

TEST(Environment, CountsAnEmptyVariableAsNotSet)
{
    const auto content = readEnvironment({{"PORT", ""}, {"SECURITY_TOKEN", ""}, {"EDS_PERMISSIONS", ""}});
    EXPECT_TRUE(content.entries.empty());
    EXPECT_FALSE(content.portGiven);
}

TEST(Environment, LeavesOtherProgramsVariablesAlone)
{
    const auto content =
        readEnvironment({{"PATH", "/bin"}, {"MWSX", "1"}, {"MWS_CONFIG", "x"}, {"MWS_URL", "http://h"}});
    EXPECT_TRUE(content.problems.empty());
    EXPECT_TRUE(content.entries.empty());
}

TEST(Environment, RefusesPermissionsThatAreNot)
{
    for (const char *text : {"x", "[]", R"({"raed": []})", R"({"read": "*"})", R"({"read": [1]})"}) {
        const auto content = readEnvironment({{"EDS_PERMISSIONS", text}});
        ASSERT_EQ(content.problems.size(), 1u) << text;
        EXPECT_EQ(content.problems[0],
                  "EDS_PERMISSIONS: expected JSON such as {\"read\": [\"*\"], \"write\": [\"users.5419\"]}");
    }
}

TEST(Environment, TakesRedisByItsOldNames)
{
    const auto content = readEnvironment({{"REDIS_HOST", "a"}, {"REDIS_PORT", "1"}, {"REDIS_PASSWORD", "x"}});
    EXPECT_TRUE(content.problems.empty());
    EXPECT_EQ(content.entries.size(), 3u);
}

} // namespace mws
