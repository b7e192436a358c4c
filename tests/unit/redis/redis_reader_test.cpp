#include "redis/redis_reader.h"

#include <gtest/gtest.h>

namespace mws {

namespace {

using Kind = RedisReply::Kind;

/// All replies in `bytes`, fed `piece` bytes at a time.
std::vector<RedisReply> readAll(RedisReader &reader, std::string_view bytes, size_t piece)
{
    std::vector<RedisReply> all;
    for (size_t at = 0; at < bytes.size(); at += piece) {
        reader.feed(bytes.substr(at, piece));
        while (auto reply = reader.next())
            all.push_back(std::move(*reply));
    }
    return all;
}

std::string problemOf(std::string_view bytes, RedisReader::Limits limits = {})
{
    RedisReader reader(limits);
    readAll(reader, bytes, 100);
    return reader.problem();
}

std::string nested(int depth)
{
    std::string bytes;
    for (int i = 0; i < depth; ++i)
        bytes += "*1\r\n";
    return bytes + ":1\r\n";
}

} // namespace

TEST(RedisReader, ReadsEachKindHoweverItIsSplit)
{
    const std::string bytes =
        std::string("+OK\r\n-ERR no\r\n:-12\r\n$-1\r\n$5\r\na\r\nb\0\r\n*-1\r\n*0\r\n", 45) +
        "*3\r\n:1\r\n*2\r\n$0\r\n\r\n$1\r\nx\r\n+y\r\n";
    const std::vector<RedisReply> expected{
        RedisReply::ofText(Kind::Status, "OK"),
        RedisReply::ofText(Kind::Error, "ERR no"),
        RedisReply::ofInteger(-12),
        RedisReply{},
        RedisReply::ofText(Kind::String, std::string("a\r\nb\0", 5)),
        RedisReply{},
        RedisReply::ofArray({}),
        RedisReply::ofArray({RedisReply::ofInteger(1),
                             RedisReply::ofArray({RedisReply::ofText(Kind::String, ""),
                                                  RedisReply::ofText(Kind::String, "x")}),
                             RedisReply::ofText(Kind::Status, "y")})};
    for (size_t piece = 1; piece <= bytes.size(); ++piece) {
        RedisReader reader({});
        EXPECT_EQ(readAll(reader, bytes, piece), expected) << piece;
        EXPECT_FALSE(reader.failed());
    }
}

TEST(RedisReader, RefusesWhatIsNotTheProtocol)
{
    for (const char *bytes : {"HTTP/1.1 400 Bad Request\r\n", "\r\n", "$x\r\n", "*x\r\n", ":x\r\n", "$-2\r\n",
                              "*-2\r\n", "%1\r\n+a\r\n+b\r\n", ",1.5\r\n", "#t\r\n", ">1\r\n+a\r\n",
                              "~1\r\n+a\r\n", "=5\r\ntxt:a\r\n", "(1\r\n", "|1\r\n+a\r\n+b\r\n"})
        EXPECT_NE(problemOf(bytes), "") << bytes;
}

TEST(RedisReader, LimitsTheBytesOfAReply)
{
    const RedisReader::Limits limits{.bytes = 1000};
    EXPECT_EQ(problemOf("$900\r\n" + std::string(900, 'x') + "\r\n", limits), "");
    EXPECT_EQ(problemOf("$2000\r\n" + std::string(2000, 'x'), limits), "a reply is too long");
    std::string many = "*20\r\n";
    for (int i = 0; i < 20; ++i)
        many += "$90\r\n" + std::string(90, 'x') + "\r\n";
    EXPECT_EQ(problemOf(many, limits), "a reply is too long");
    // Each reply has its own.
    RedisReader reader(limits);
    const std::string one = "$900\r\n" + std::string(900, 'x') + "\r\n";
    EXPECT_EQ(readAll(reader, one + one + one, 64).size(), 3u);
    EXPECT_FALSE(reader.failed());
}

TEST(RedisReader, LimitsElementsBeforeItMakesThem)
{
    EXPECT_EQ(problemOf("*2147483647\r\n"), "a reply has too many elements");
    EXPECT_NE(problemOf("*4294967297\r\n"), "");
    EXPECT_NE(problemOf("*9223372036854775807\r\n"), "");
    EXPECT_EQ(problemOf("*3\r\n*3\r\n", {.elements = 5}), "a reply has too many elements");
    EXPECT_EQ(problemOf("*3\r\n*2\r\n:1\r\n:2\r\n:3\r\n:4\r\n", {.elements = 5}), "");
}

TEST(RedisReader, LimitsDepth)
{
    EXPECT_EQ(problemOf(nested(RedisReader::deepest)), "");
    EXPECT_NE(problemOf(nested(RedisReader::deepest + 1)), "");
    EXPECT_NE(problemOf(nested(10000)), "");
}

TEST(RedisReader, LimitsLinesThatDoNotEnd)
{
    EXPECT_EQ(problemOf("+" + std::string(70000, 'x')), "a line is too long");
    EXPECT_EQ(problemOf("-" + std::string(70000, 'x')), "a line is too long");
    EXPECT_EQ(problemOf("$" + std::string(70000, '1')), "a line is too long");
    EXPECT_EQ(problemOf("*1\r\n+" + std::string(70000, 'x')), "a line is too long");
    EXPECT_EQ(problemOf("$100000\r\n" + std::string(90000, 'x')), "");
}

TEST(RedisReader, SaysNothingAfterAFailure)
{
    RedisReader reader({});
    EXPECT_EQ(readAll(reader, "+a\r\n?\r\n+b\r\n", 100).size(), 1u);
    EXPECT_TRUE(reader.failed());
    EXPECT_TRUE(readAll(reader, "+c\r\n", 100).empty());
}

TEST(RedisReply, GivesNumbersAndTexts)
{
    EXPECT_EQ(RedisReply::ofInteger(7).number(), 7);
    EXPECT_EQ(RedisReply::ofText(Kind::String, "-7").number(), -7);
    EXPECT_EQ(RedisReply::ofText(Kind::String, "7x").number(), std::nullopt);
    EXPECT_EQ(RedisReply::ofText(Kind::Error, "7").number(), std::nullopt);
    EXPECT_EQ(RedisReply::ofText(Kind::Status, "OK").string(), "OK");
    EXPECT_EQ(RedisReply::ofText(Kind::Error, "E").string(), std::nullopt);
    EXPECT_EQ(RedisReply::ofText(Kind::Error, "MOVED 1 a:1").errorCode(), "MOVED");
    EXPECT_EQ(RedisReply::ofText(Kind::Error, "OOM").errorCode(), "OOM");
    EXPECT_EQ(RedisReply::ofText(Kind::Status, "MOVED").errorCode(), "");
}

TEST(RedisCommand, CarriesAnyBytes)
{
    EXPECT_EQ(formatRedisCommand({"SET", "", std::string("a\r\n\0", 4)}),
              std::string("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\na\r\n\0\r\n", 29));
}

} // namespace mws
