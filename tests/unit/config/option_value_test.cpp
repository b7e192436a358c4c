#include "config/option_value.h"

#include <gtest/gtest.h>

namespace mws {

namespace {

std::string problemOf(std::string_view section, std::string_view key, const RawValue &raw)
{
    ServiceConfig config;
    const Option &option = *findOption(section, key);
    const auto problem = assign(option, option.slot(config, config.gateway), raw);
    if (!problem)
        return "fine";
    return (problem->item ? '[' + std::to_string(*problem->item) + "] " : "") + problem->text;
}

using List = std::vector<std::string>;

} // namespace

TEST(OptionValue, RefusesWithWhatWasExpectedAndFound)
{
    struct Case
    {
        std::string section, key;
        RawValue raw;
        std::string problem;
    };
    const std::vector<Case> cases{
        {"server", "port", "abc", "expected an integer from 0 to 65535, found \"abc\""},
        {"server", "port", int64_t(65536), "expected an integer from 0 to 65535, found 65536"},
        {"server", "port", int64_t(-1), "expected an integer from 0 to 65535, found -1"},
        {"server", "port", Unusable{"a fraction"}, "expected an integer from 0 to 65535, found a fraction"},
        {"server", "port", true, "expected an integer from 0 to 65535, found true"},
        {"server", "trust_forwarded", "maybe", "expected true or false, found \"maybe\""},
        {"server", "address", "localhost", "expected a numeric IPv4 or IPv6 address, found \"localhost\""},
        {"server", "address", "", "expected a numeric IPv4 or IPv6 address, found \"\""},
        {"server", "app_domain", "https://x",
         "expected a host such as \"push.example.com\" or \"localhost:8080\", found \"https://x\""},
        {"server", "public_url", "ftp://user:hunter2@x",
         "expected an http or https URL without user, query and fragment, such as "
         "\"https://push.example.com\""},
        {"server", "state_dir", "", "expected the path of a folder, found \"\""},
        {"server", "operator_token", "two words",
         "expected 1 to 1024 visible ASCII characters without spaces"},
        {"http", "head_bytes", "16KB",
         "expected a size from 1KiB to 1MiB (bytes, or such as \"64KiB\"), found \"16KB\""},
        {"http", "head_bytes", int64_t(12),
         "expected a size from 1KiB to 1MiB (bytes, or such as \"64KiB\"), found 12"},
        {"websocket", "ping_interval", int64_t(60),
         "expected a duration from 1s to 59s (seconds, or such as \"45s\", \"500ms\", \"5m\"), found 60"},
        {"websocket", "ping_interval", "1m",
         "expected a duration from 1s to 59s (seconds, or such as \"45s\", \"500ms\", \"5m\"), found \"1m\""},
        {"websocket", "ping_interval", std::numeric_limits<int64_t>::max(),
         "expected a duration from 1s to 59s (seconds, or such as \"45s\", \"500ms\", \"5m\"), found "
         "9223372036854775807"},
        {"log", "level", "loud", "expected one of trace, debug, info, warning, error, off, found \"loud\""},
        {"log", "format", "xml", "expected one of auto, text, json, found \"xml\""},
        {"gateway", "id", "a b",
         "expected 1 to 64 characters of A-Za-z0-9_-, the first of them no _, found \"a b\""},
        {"gateway", "id", "",
         "expected 1 to 64 characters of A-Za-z0-9_-, the first of them no _, found \"\""},
        {"gateway", "access_control", "oauth", "expected one of none, eds, custom, jwt, found \"oauth\""},
        {"gateway", "client_messages", "shout",
         "expected one of ignore, echo, relay, publish, webhook, found \"shout\""},
        {"gateway", "security_token", List{"hunter2"}, "expected a string"},
        {"gateway", "security_tokens", List{"good", "hunter2 bad"},
         "[1] expected 1 to 1024 visible ASCII characters, and perhaps a space and an end in UTC such as "
         "2026-12-01T00:00:00Z"},
        {"gateway", "signing_key", "c2hvcnQ=", "expected base64 of at least 32 bytes"},
        {"gateway", "signing_key", "!!!", "expected base64 of at least 32 bytes"},
        {"gateway", "permissions_read", "users.1", "expected a list of strings, found \"users.1\""},
        {"gateway", "permissions_read", List{"*", "john"},
         "[1] expected `*` or objectType.id, such as \"users.5419\", found \"john\""},
        {"gateway", "allowed_origins", List{}, "expected a list of at least one string, found a list"},
        {"gateway", "allowed_origins", List{"example.com"},
         "[0] expected `*`, `null` or an origin such as \"https://app.example.com\" or "
         "\"https://*.example.com\", found \"example.com\""},
        {"gateway", "subprotocols", List{"a b"},
         "[0] expected `*` or a subprotocol's name without spaces, found \"a b\""},
        {"gateway", "reservation", "1500ms",
         "expected a duration from 1s to 24h (seconds, or such as \"45s\", \"500ms\", \"5m\"), found "
         "\"1500ms\""},
        {"gateway", "name", std::string("a\nb"),
         "expected a text of up to 200 bytes without control characters, found \"a\\u000ab\""},
    };
    for (const Case &c : cases)
        EXPECT_EQ(problemOf(c.section, c.key, c.raw), c.problem) << c.section << '.' << c.key;
}

TEST(OptionValue, LeavesTheSlotAloneOnAProblem)
{
    ServiceConfig config;
    const Option &port = *findOption("server", "port");
    EXPECT_TRUE(assign(port, port.slot(config, config.gateway), std::string("x")));
    EXPECT_EQ(config.server.port, 8080);
}

TEST(OptionValue, ReadsTextsOfVariables)
{
    EXPECT_EQ(rawFromText(*findOption("server", "port"), " 80 "), RawValue(int64_t(80)));
    EXPECT_EQ(rawFromText(*findOption("server", "port"), "80x"), RawValue("80x"));
    EXPECT_EQ(rawFromText(*findOption("gateway", "reuse"), "Yes"), RawValue(true));
    EXPECT_EQ(rawFromText(*findOption("gateway", "reuse"), "0"), RawValue(false));
    EXPECT_EQ(rawFromText(*findOption("gateway", "permissions_read"), "users.1, users.2,"),
              RawValue(List{"users.1", "users.2"}));
}

TEST(OptionValue, TakesWordsWithoutRegardToCase)
{
    ServiceConfig config;
    const Option &level = *findOption("log", "level");
    const std::vector<std::pair<std::string, LogLevel>> words{
        {"WARN", LogLevel::Warning}, {"Warning", LogLevel::Warning}, {"verbose", LogLevel::Debug},
        {"silly", LogLevel::Trace},  {"OFF", LogLevel::Off},         {"error", LogLevel::Error}};
    for (const auto &[word, expected] : words) {
        EXPECT_FALSE(assign(level, level.slot(config, config.gateway), word)) << word;
        EXPECT_EQ(config.log.level, expected) << word;
    }
}

TEST(OptionValue, ShowsSecretsOnlyAsSetOrNot)
{
    ServiceConfig config;
    for (const auto &[key, raw] : std::vector<std::pair<std::string, RawValue>>{
             {"security_token", "hunter2"},
             {"security_tokens", List{"hunter2"}},
             {"signing_key", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}}) {
        const Option &option = *findOption("gateway", key);
        EXPECT_EQ(shownValue(option, option.slot(config, config.gateway)), "(not set)");
        EXPECT_FALSE(assign(option, option.slot(config, config.gateway), raw));
        EXPECT_EQ(shownValue(option, option.slot(config, config.gateway)), "(set)");
    }
    EXPECT_TRUE(config.gateway.securityToken.matches("hunter2"));
    EXPECT_EQ(config.gateway.signingKey->bytes, "01234567890123456789012345678901");
}

TEST(OptionValue, DropsTheSlashAtTheEndOfAPublicUrl)
{
    ServiceConfig config;
    const Option &url = *findOption("server", "public_url");
    EXPECT_FALSE(assign(url, url.slot(config, config.gateway), std::string("https://push.example.com/")));
    EXPECT_EQ(config.server.publicUrl, "https://push.example.com");
}

TEST(OptionValue, TakesAStarAmongSubprotocolsForAny)
{
    ServiceConfig config;
    const Option &option = *findOption("gateway", "subprotocols");
    EXPECT_FALSE(assign(option, option.slot(config, config.gateway), List{}));
    EXPECT_EQ(config.gateway.settings.subprotocols, List{});
    EXPECT_FALSE(assign(option, option.slot(config, config.gateway), List{"*"}));
    EXPECT_EQ(config.gateway.settings.subprotocols, std::nullopt);
}

} // namespace mws
