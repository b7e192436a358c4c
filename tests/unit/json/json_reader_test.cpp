#include "json/json_reader.h"

#include <gtest/gtest.h>

#include <random>

namespace mws {
namespace {

/// Makes JSON of random shape: once compact, once with white space in all places where it may stand.
class RandomJson
{
public:
    explicit RandomJson(unsigned seed) : m_random(seed) {}

    void object(int depth)
    {
        token("{");
        for (unsigned i = 0, n = below(4); i < n; ++i) {
            if (i > 0)
                token(",");
            string();
            token(":");
            value(depth + 1);
        }
        token("}");
    }
    std::string compact;
    std::string spaced;

private:
    unsigned below(unsigned bound) { return std::uniform_int_distribution<unsigned>(0, bound - 1)(m_random); }
    void token(const std::string &text)
    {
        static const char *const spaces[] = {"", "", " ", "\n", "\t", "\r\n  "};
        compact += text;
        spaced += spaces[below(6)] + text + spaces[below(6)];
    }
    void string()
    {
        static const char *const parts[] = {"a", " ",       "\\\"",  "\\\\",           "\\n", "\u20ac",
                                            "{", "\\u0041", "}, [ ", "\\ud83d\\ude00", ":",   "\U0001F600"};
        std::string text = "\"";
        for (unsigned i = 0, n = below(6); i < n; ++i)
            text += parts[below(12)];
        token(text + "\"");
    }
    void value(int depth)
    {
        static const char *const scalars[] = {
            "null", "true", "false", "0", "-1.5e+300", "1e999", "12345678901234567890123"};
        switch (below(depth > 5 ? 2 : 4)) {
        case 0:
            return token(scalars[below(7)]);
        case 1:
            return string();
        case 2:
            return object(depth);
        default:
            token("[");
            for (unsigned i = 0, n = below(4); i < n; ++i) {
                if (i > 0)
                    token(",");
                value(depth + 1);
            }
            token("]");
        }
    }

    std::mt19937 m_random;
};

TEST(JsonReader, MinifiesRandomJsonToItsCompactText)
{
    JsonReader reader;
    for (unsigned seed = 0; seed < 2000; ++seed) {
        RandomJson json(seed);
        json.object(0);
        std::string minified;
        const auto read =
            reader.readObject("{\"v\":" + json.spaced + "}", [&](std::string_view, JsonValue &v) {
                const auto text = v.readText();
                if (text)
                    appendMinified(minified, *text);
                return text.has_value();
            });
        ASSERT_TRUE(read) << json.spaced << read.error().detail;
        ASSERT_EQ(minified, json.compact) << "seed " << seed;
    }
}

TEST(JsonReader, RefusesEveryProperPrefixOfAnObject)
{
    JsonReader reader;
    for (unsigned seed = 0; seed < 100; ++seed) {
        RandomJson json(seed);
        json.object(0);
        for (size_t length = 0; length < json.compact.size(); ++length)
            ASSERT_FALSE(isJsonObject(reader, std::string_view(json.compact).substr(0, length)))
                << json.compact.substr(0, length);
    }
}

TEST(JsonReader, CountsDepthFromTheOutermostObject)
{
    JsonReader reader(3);
    EXPECT_TRUE(isJsonObject(reader, R"({"a":[{}]})"));
    EXPECT_FALSE(isJsonObject(reader, R"({"a":[[{}]]})"));
    EXPECT_FALSE(isJsonObject(reader, R"({"a":[[[]]]})"));
}

TEST(JsonReader, KnowsNumbers)
{
    for (const char *good : {"0", "-0", "10", "1.5", "1e5", "1E+5", "1.25e-07"})
        EXPECT_TRUE(isJsonNumber(good)) << good;
    for (const char *bad : {"", "-", "00", "01", "+1", ".5", "1.", "1e", "1e+", "1 ", "0x1", "1.e1", "NaN"})
        EXPECT_FALSE(isJsonNumber(bad)) << bad;
}

TEST(JsonReader, WritesStringsThatItReads)
{
    std::string out;
    appendJsonString(out, std::string_view("a\"\\\n\x1f\0\u20ac", 9));
    EXPECT_EQ(out, "\"a\\\"\\\\\\u000a\\u001f\\u0000\u20ac\"");
}

} // namespace
} // namespace mws
