#include "cli/command_line.h"

#include <QTemporaryDir>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws::cli {

namespace {

using testing::HasSubstr;
using testing::StartsWith;

Request parse(const std::vector<std::string> &arguments, const Environment &environment = {})
{
    return parseCommandLine(arguments, environment, "1.2.3");
}

ProgramExit run(const std::vector<std::string> &arguments, const Environment &environment)
{
    const auto parsed = parse(arguments, environment);
    if (const auto *ended = std::get_if<ProgramExit>(&parsed))
        return *ended;
    const auto outcome = configure(std::get<CommandLine>(parsed), environment);
    const auto *ended = std::get_if<ProgramExit>(&outcome);
    return ended ? *ended : ProgramExit{-1, "serves", {}};
}

} // namespace

TEST(CommandLine, ShowsHelpAndVersion)
{
    const auto version = std::get<ProgramExit>(parse({"--version"}));
    EXPECT_EQ(version.code, 0);
    EXPECT_EQ(version.out, "mws-gateway 1.2.3\n");
    const auto help = std::get<ProgramExit>(parse({"--help"}));
    EXPECT_EQ(help.code, 0);
    EXPECT_THAT(help.out, HasSubstr("check-config"));
    EXPECT_THAT(help.out, HasSubstr("--print-config"));
    EXPECT_EQ(help.out.find("--print-options-markdown"), std::string::npos);
    EXPECT_THAT(std::get<ProgramExit>(parse({"serve", "--help"})).out, HasSubstr("MWS_SERVER_STATE_DIR"));
}

TEST(CommandLine, ServesWithAndWithoutTheCommand)
{
    EXPECT_EQ(std::get<CommandLine>(parse({})).action, CommandLine::Action::Serve);
    EXPECT_EQ(std::get<CommandLine>(parse({"serve", "--config", "/a"})).configFile, "/a");
    EXPECT_EQ(std::get<CommandLine>(parse({"--config", "/a", "serve"})).configFile, "/a");
    EXPECT_EQ(std::get<CommandLine>(parse({"serve", "--check-config"})).action,
              CommandLine::Action::CheckConfig);
}

TEST(CommandLine, NamesTheCommandThatWasProbablyMeant)
{
    const auto outcome = std::get<ProgramExit>(parse({"check-cofnig"}));
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.error, "mws-gateway: no such command: check-cofnig; did you mean check-config?\n"
                             "See mws-gateway --help\n");
}

TEST(CommandLine, EndsWithTwoOnBadUsage)
{
    for (const std::vector<std::string> &arguments : std::vector<std::vector<std::string>>{
             {"--bogus"}, {"extra"}, {"--config"}, {"--print-config", "--check-config"}}) {
        const auto outcome = parse(arguments);
        ASSERT_TRUE(std::holds_alternative<ProgramExit>(outcome)) << arguments[0];
        EXPECT_EQ(std::get<ProgramExit>(outcome).code, 2) << arguments[0];
        EXPECT_FALSE(std::get<ProgramExit>(outcome).error.empty()) << arguments[0];
        EXPECT_EQ(std::get<ProgramExit>(outcome).out, "");
    }
}

TEST(CommandLine, TakesTheFileFromTheFlagElseFromTheVariable)
{
    const Environment environment{{"MWS_CONFIG", "/b"}};
    EXPECT_EQ(std::get<CommandLine>(parse({"--config", "/a"}, environment)).configFile, "/a");
    EXPECT_EQ(std::get<CommandLine>(parse({}, environment)).configFile, "/b");
    EXPECT_EQ(std::get<CommandLine>(parse({})).configFile, std::nullopt);
}

TEST(CommandLine, PrintsTheConfigurationWithoutSecrets)
{
    const ProgramExit printed = run({"--print-config"}, {{"PORT", "81"},
                                                         {"SECURITY_TOKEN", "hunter2"},
                                                         {"OPERATOR_TOKEN", "hunter2"},
                                                         {"MWS_SERVER_STATE_DIR", "/nowhere"}});
    EXPECT_EQ(printed.code, 0);
    EXPECT_THAT(printed.out, testing::ContainsRegex("server.port = 81 +# PORT\n"));
    EXPECT_THAT(printed.out,
                testing::ContainsRegex("gateway.security_token = \\(set\\) +# SECURITY_TOKEN\n"));
    EXPECT_EQ((printed.out + printed.error).find("hunter2"), std::string::npos);
}

TEST(CommandLine, ChecksTheConfiguration)
{
    EXPECT_EQ(run({"--check-config"}, {}).code, 0);
    const ProgramExit wrong = run({"--check-config"}, {{"PORT", "x"}, {"MWS_SERVER_WORKERS", "-1"}});
    EXPECT_EQ(wrong.code, 2);
    EXPECT_EQ(wrong.error,
              "PORT: expected an integer from 0 to 65535, found \"x\" (server.port)\n"
              "MWS_SERVER_WORKERS: expected an integer from 0 to 1024, found -1 (server.workers)\n");
    EXPECT_EQ(run({}, {{"PORT", "x"}}).code, 2);
    EXPECT_EQ(run({}, {}).out, "serves");
}

TEST(CommandLine, ReportsABrokenStateFile)
{
    QTemporaryDir folder;
    const std::string stateDir = folder.path().toStdString();
    std::ofstream(stateDir + "/gateways.json") << "{\n";
    for (const char *flag : {"--check-config", "--print-config"}) {
        const ProgramExit outcome = run({flag}, {{"MWS_SERVER_STATE_DIR", stateDir}});
        EXPECT_EQ(outcome.code, 2);
        EXPECT_THAT(outcome.error, StartsWith(stateDir + "/gateways.json:"));
    }
}

} // namespace mws::cli
