#include "cli/commands.h"

#include "cli/command_line.h"
#include "cli/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws::cli {

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

using Words = std::vector<std::string>;

std::vector<std::string> completed(const Words &words)
{
    std::vector<std::string> found;
    readParser("1.2.3", [&](CLI::App &app) { found = candidates(app, words); });
    return found;
}

} // namespace

TEST(Commands, TakeWhatTheirExamplesAndHelpSay)
{
    for (const Words &words : std::vector<Words>{{"listen"},
                                                 {"listen", "games", "--tag", "a", "--tag", "b", "--json"},
                                                 {"listen", "ws://h/", "--output", "raw", "--count", "2"},
                                                 {"publish", "games", "x", "--to-tag", "a", "--ttl", "5"},
                                                 {"publish", "--to-all", "-", "--id", "k", "--data-json"},
                                                 {"publish", "--to-all", "--binary", "f", "--exclude", "i"},
                                                 {"reserve", "--user", "eva", "--reuse", "--expires", "9"},
                                                 {"sockets"},
                                                 {"sockets", "games", "list", "--limit", "3"},
                                                 {"sockets", "show", "i"},
                                                 {"sockets", "close", "i", "j", "--code", "4001"},
                                                 {"sockets", "tag", "i", "--add", "a", "--remove", "b"},
                                                 {"gateways"},
                                                 {"gateways", "create", "games", "a=1", "--name", "G"},
                                                 {"gateways", "config", "set", "games", "a.b=1"},
                                                 {"gateways", "delete", "games", "--yes"},
                                                 {"mint-token", "--key-file", "f", "--token-only"},
                                                 {"check-config", "--json"},
                                                 {"doctor", "--wait", "0"},
                                                 {"completion", "bash"}})
        EXPECT_TRUE(std::holds_alternative<Action>(parseCommandLine(words, {}, "1.2.3")))
            << testing::PrintToString(words);
}

TEST(Commands, NameTheArgumentThatIsWrong)
{
    for (const auto &[words, named] :
         std::vector<std::pair<Words, std::string>>{{{"listen", "--count", "0"}, "--count"},
                                                    {{"listen", "--output", "loud"}, "--output"},
                                                    {{"listen", "a", "b"}, "b"},
                                                    {{"publish", "--ttl", "soon", "x"}, "--ttl"},
                                                    {{"publish", "a", "b", "c"}, "c"},
                                                    {{"reserve", "--expires", "-1"}, "--expires"},
                                                    {{"sockets", "--limit", "0"}, "--limit"},
                                                    {{"sockets", "show"}, "id"},
                                                    {{"sockets", "tag", "i", "--ad"}, "--ad"},
                                                    {{"gateways", "show"}, "id"},
                                                    {{"gateways", "config"}, "subcommand"},
                                                    {{"mint-token", "--expires", "99999"}, "--expires"},
                                                    {{"check-config", "--config"}, "--config"},
                                                    {{"doctor", "--wait", "x"}, "--wait"},
                                                    {{"completion"}, "what"}}) {
        const auto outcome = parseCommandLine(words, {}, "1.2.3");
        ASSERT_TRUE(std::holds_alternative<ProgramExit>(outcome)) << testing::PrintToString(words);
        const auto &ended = std::get<ProgramExit>(outcome);
        EXPECT_EQ(ended.code, BadUsage);
        EXPECT_THAT(ended.error, StartsWith("mws-gateway " + words.front()));
        EXPECT_THAT(ended.error, HasSubstr(named)) << testing::PrintToString(words);
        EXPECT_EQ(ended.out, "");
    }
}

TEST(Commands, HaveASummaryADescriptionAndExamplesOfTheirOwn)
{
    for (const Command &command : commands()) {
        EXPECT_FALSE(command.summary.empty()) << command.name;
        EXPECT_FALSE(command.description.empty()) << command.name;
        ASSERT_FALSE(command.examples.empty()) << command.name;
        for (const Example &example : command.examples)
            EXPECT_THAT(example.line, HasSubstr("mws-gateway " + command.name)) << example.line;
    }
}

TEST(Completion, OffersCommandsOptionsAndValues)
{
    EXPECT_THAT(completed({"pu"}), ElementsAre("publish"));
    EXPECT_THAT(completed({"sockets", ""}), ElementsAre("list", "show", "close", "tag"));
    EXPECT_THAT(completed({"sockets", "games", "cl"}), ElementsAre("close"));
    EXPECT_THAT(completed({"listen", "--output", ""}), ElementsAre("base64", "hex", "raw"));
    EXPECT_THAT(completed({"doctor", "--"}), Contains("--wait"));
    EXPECT_THAT(completed({"reserve", "--client-messages", "re"}), ElementsAre("relay"));
    EXPECT_THAT(completed({"doctor", "--config", "gate"}), ElementsAre("FILE"));
    EXPECT_THAT(completed({"listen", "--tag", ""}), ElementsAre());
    EXPECT_THAT(completed({}), Contains("serve"));
}

} // namespace mws::cli
