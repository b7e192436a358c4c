#include "config/token_expiry.h"

#include "config/loader.h"
#include "config/security_token_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

const WallTime end{std::chrono::seconds(1796083200)}; // 2026-12-01T00:00:00Z

/// Keeps what is logged, as `event name=value`.
class Lines final : public LogSink
{
public:
    Lines() { setLogSink(this); }
    ~Lines() override { setLogSink(nullptr); }
    void write(LogLevel, std::string_view event, std::initializer_list<LogField> fields) override
    {
        std::string line(event);
        for (const LogField &field : fields)
            line += " " + std::string(field.name) + "=" + field.value;
        all.push_back(line);
    }
    std::vector<std::string> all;
};

} // namespace

TEST(SecurityTokenText, ReadsATokenAndItsEnd)
{
    EXPECT_EQ(readSecurityToken("abc"), (SecurityToken{SecretDigest("abc"), std::nullopt}));
    EXPECT_EQ(readSecurityToken("abc 2026-12-01T00:00:00Z"), (SecurityToken{SecretDigest("abc"), end}));
    for (const char *text :
         {"", " ", "abc ", " abc", "abc 2026-12-01", "abc 2026-12-01T00:00:00", "abc  2026-12-01T00:00:00Z",
          "abc 2026-12-01T00:00:00+01:00", "abc 2026-13-01T00:00:00Z", "abc 2026-12-01T00:00:00Z x",
          "abc tomorrow", "abc 2026-12-01T25:00:00Z", "a\xc3\xa4 2026-12-01T00:00:00Z"})
        EXPECT_FALSE(readSecurityToken(text)) << text;
}

TEST(TokenExpiryWatch, WarnsOnceAWeekBeforeAndOnceAtTheEnd)
{
    const LoadedConfig loaded = loadConfig(
        ConfigText{"gw.toml",
                   "[gateway]\nsecurity_tokens=['endless', 'ends-first 2026-12-01T00:00:00Z']\n"
                   "[[gateways]]\nid='players'\nsecurity_tokens=['ends-later 2027-01-01T00:00:00Z']\n"},
        {});
    ASSERT_THAT(loaded.errors, IsEmpty());
    TokenExpiryWatch watch(loaded.config);
    Lines lines;
    watch.check(end - 8 * 24h);
    EXPECT_THAT(lines.all, IsEmpty());
    watch.check(end - 7 * 24h);
    watch.check(end - 1s);
    EXPECT_THAT(lines.all, ElementsAre("a security token expires within seven days gateway=default "
                                       "token=security_tokens[1] valid_until=2026-12-01T00:00:00Z"));
    lines.all.clear();
    watch.check(end);
    watch.check(end + 1h);
    EXPECT_THAT(lines.all,
                ElementsAre("a security token has expired gateway=default token=security_tokens[1] "
                            "valid_until=2026-12-01T00:00:00Z"));
}

} // namespace mws
