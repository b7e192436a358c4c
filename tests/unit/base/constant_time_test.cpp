#include "mws/base/secret.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <sstream>

namespace mws {

namespace {

std::string textOf(const std::filesystem::path &path)
{
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Comparisons that end at the first difference, of what a caller says with what only we know.
const std::regex earlyComparison(
    R"re(\b(bearer|accessToken|candidate|securityToken|operatorToken|jwtSecret|secret|password)\b\s*(\(\))?\s*(==|!=))re"
    R"re(|(==|!=)\s*\w*(\.|->|::)?(bearer|accessToken|candidate|operatorToken|jwtSecret)\b)re"
    R"re(|\b(strcmp|strncmp|memcmp|bcmp)\s*\()re");

/// std::regex is slow: only lines that compare something are given to it.
bool compares(const std::string &line)
{
    return line.find("==") != std::string::npos || line.find("!=") != std::string::npos ||
           line.find("cmp") != std::string::npos;
}

std::string firstComparison(const std::string &text)
{
    std::istringstream lines(text);
    std::smatch match;
    std::string before;
    for (std::string line; std::getline(lines, line); before = line) {
        const std::string both = before + '\n' + line; // a comparison may go over the end of a line
        if (compares(both) && std::regex_search(both, match, earlyComparison))
            return match.str();
    }
    return {};
}

} // namespace

/// Secrets are compared as digests, all bytes whatever they are: by SecretDigest::matches(), and by cjose's
/// HMAC.
TEST(ConstantTime, NoSourceComparesASecretByItself)
{
    size_t files = 0;
    for (const char *folder : {"src", "include"})
        for (const auto &entry :
             std::filesystem::recursive_directory_iterator(std::filesystem::path(MWS_SOURCE_DIR) / folder)) {
            const std::string extension = entry.path().extension().string();
            if (extension != ".cpp" && extension != ".h")
                continue;
            ++files;
            // Whether two configurations name the same sources is asked of no caller's secret.
            if (entry.path().filename() == "jwt_key_store.cpp")
                continue;
            EXPECT_EQ(firstComparison(textOf(entry.path())), "") << entry.path();
        }
    EXPECT_GT(files, 100u);
}

TEST(ConstantTime, TheSearchFindsSuchComparisons)
{
    for (const char *line :
         {"if (bearer == digest)", "return m_secret != candidate;", "if (x == candidate)",
          "std::strcmp(a, b)", "operatorToken == bearer", "memcmp(a.data(), b.data(), 32) == 0"})
        EXPECT_NE(firstComparison(line), "") << line;
    for (const char *line :
         {"if (bearer.empty())", "digest.matches(candidate)", "if (scheme == bearerScheme)"})
        EXPECT_EQ(firstComparison(line), "") << line;
}

/// Each byte of the digest decides, the first as much as the last.
TEST(ConstantTime, EveryByteOfTheDigestCounts)
{
    const SecretDigest digest("secret");
    const std::string hex = digest.hex();
    EXPECT_TRUE(SecretDigest::fromHex(hex).matches("secret"));
    for (size_t i = 0; i < hex.size(); ++i) {
        std::string other = hex;
        other[i] = other[i] == '0' ? '1' : '0';
        EXPECT_FALSE(SecretDigest::fromHex(other).matches("secret")) << i;
    }
}

} // namespace mws
