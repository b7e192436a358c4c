#include "config/option_pages.h"

#include "config/loader.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

namespace mws {

namespace {

std::string committed(const std::string &path)
{
    std::ifstream file(std::string(MWS_SOURCE_DIR "/") + path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Takes the single # away from each key.
std::string withoutComments(const std::string &toml)
{
    std::istringstream lines(toml);
    std::string result;
    for (std::string line; std::getline(lines, line);)
        result += (line.starts_with("# ") ? line.substr(2) : line) + '\n';
    return result;
}

} // namespace

TEST(OptionPages, CommittedPageIsTheGeneratedOne)
{
    EXPECT_EQ(committed("docs/configuration.md"), optionsMarkdown())
        << "mws-gateway --print-options-markdown > docs/configuration.md";
}

TEST(OptionPages, CommittedExampleIsTheGeneratedOne)
{
    EXPECT_EQ(committed("config/gateway.toml"), optionsToml())
        << "mws-gateway --print-options-toml > config/gateway.toml";
}

TEST(OptionPages, ExampleSetsNothingAndUncommentedJustTheDefaults)
{
    const std::string example = committed("config/gateway.toml");
    const LoadedConfig plain = loadConfig(std::nullopt, {});
    const LoadedConfig commented = loadConfig(ConfigText{"x", example}, {});
    const LoadedConfig uncommented = loadConfig(ConfigText{"x", withoutComments(example)}, {});
    EXPECT_THAT(commented.errors, testing::IsEmpty());
    EXPECT_EQ(commented.config.provenance, plain.config.provenance);
    EXPECT_THAT(uncommented.errors, testing::IsEmpty());
    EXPECT_EQ(uncommented.config.server, ServerConfig());
    EXPECT_EQ(uncommented.config.http, HttpConfig());
    EXPECT_EQ(uncommented.config.webSocket, WebSocketConfig());
    EXPECT_EQ(uncommented.config.identity, IdentityConfig());
    EXPECT_EQ(uncommented.config.log, LogConfig());
    EXPECT_EQ(uncommented.config.gateway.id, GatewayConfig().id);
    EXPECT_EQ(uncommented.config.gateway.settings, GatewayConfig().settings);
    EXPECT_TRUE(uncommented.config.gateway.securityToken.empty());
    EXPECT_FALSE(uncommented.config.gateway.signingKey);
    for (const Provenance &row : uncommented.config.provenance)
        EXPECT_TRUE(row.source.starts_with("x:")) << row.option;
}

TEST(OptionPages, PrintedConfigurationIsInColumns)
{
    EXPECT_EQ(provenanceText({{"a.b", "1", "default"}, {"server.port", "8080", "PORT"}}),
              "a.b = 1             # default\nserver.port = 8080  # PORT\n");
}

} // namespace mws
