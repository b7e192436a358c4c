#include "identity/enginio_answer.h"

#include <gtest/gtest.h>

namespace mws {

TEST(EnginioAnswer, NamesUserAndGroups)
{
    const struct
    {
        const char *body;
        Identity identity;
    } cases[] = {
        {R"({"id":"42"})", {"42", {}}},
        {R"({"id":"42","usergroups":null,"email":{}})", {"42", {}}},
        {R"({"id":"42","usergroups":[]})", {"42", {}}},
        {R"({"id":"42","usergroups":[{"id":"7"}]})", {"42", {"usergroups.7"}}},
        {R"({"id":"42","usergroups":[{"id":"7","objectType":"teams"}]})", {"42", {"teams.7"}}},
        {R"({"id":"42","usergroups":[{"id":"7","objectType":null},"admins"]})",
         {"42", {"usergroups.7", "admins"}}},
    };
    for (const auto &[body, identity] : cases) {
        const auto parsed = parseEnginioAnswer(200, body);
        ASSERT_TRUE(parsed) << body;
        EXPECT_EQ(*parsed, identity) << body;
    }
}

TEST(EnginioAnswer, TakesNothingElseForAnIdentity)
{
    for (const char *body :
         {"", "null", "[]", "{}", "<html>", R"({"id":42})", R"({"id":""})", R"({"id":null})", R"({"id":"42")",
          R"({"id":"42","usergroups":{}})", R"({"id":"42","usergroups":"admins"})",
          R"({"id":"42","usergroups":[1]})", R"({"id":"42","usergroups":[""]})",
          R"({"id":"42","usergroups":[{}]})", R"({"id":"42","usergroups":[{"id":7}]})",
          R"({"id":"42","usergroups":[{"id":""}]})",
          R"({"id":"42","usergroups":[{"id":"7","objectType":1}]})",
          R"({"id":"42","usergroups":[{"id":"7","objectType":""}]})", "{\"id\":\"\xff\"}"}) {
        const auto parsed = parseEnginioAnswer(200, body);
        ASSERT_FALSE(parsed) << body;
        EXPECT_EQ(parsed.error().code, ErrorCode::Unavailable) << body;
    }
}

TEST(EnginioAnswer, TellsAnUnknownTokenFromAServerThatIsAway)
{
    for (const int status : {401, 403, 404})
        EXPECT_EQ(parseEnginioAnswer(status, R"({"id":"42"})").error().code, ErrorCode::AuthenticationNeeded);
    for (const int status : {0, 100, 201, 204, 301, 302, 400, 429, 500, 503})
        EXPECT_EQ(parseEnginioAnswer(status, R"({"id":"42"})").error().code, ErrorCode::Unavailable);
}

} // namespace mws
