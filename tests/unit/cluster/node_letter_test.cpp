#include "cluster/node_letter.h"

#include <gtest/gtest.h>

namespace mws {
namespace {

NodeLetter request()
{
    return {NodeLetter::Kind::Request, 300, "abcdefghij012345", std::chrono::milliseconds(2000),
            std::string("\x00question\xff", 10)};
}

TEST(NodeLetter, ComesBackAsItWas)
{
    NodeLetter answer = request();
    answer.kind = NodeLetter::Kind::Answer;
    answer.patience = {};
    NodeLetter empty = answer;
    empty.body.clear();
    const NodeLetter refusal{NodeLetter::Kind::Refusal, 1, "a", {}, {}};
    for (const NodeLetter &letter : {request(), answer, empty, refusal})
        EXPECT_EQ(decodeNodeLetter(encode(letter)), letter);
}

TEST(NodeLetter, CutAnywhereBeforeItsBodyIsRefused)
{
    const std::string bytes = encode(request());
    for (size_t size = 0; size < bytes.size() - request().body.size(); ++size)
        EXPECT_EQ(decodeNodeLetter(std::string_view(bytes).substr(0, size)), std::nullopt) << size;
}

TEST(NodeLetter, UnknownFormatsAndKindsAreRefused)
{
    const std::string good = encode(request());
    for (const auto &[at, byte] : {std::pair{0, 2}, std::pair{0, 0}, std::pair{1, 0}, std::pair{1, 4}}) {
        std::string bytes = good;
        bytes[size_t(at)] = char(byte);
        EXPECT_EQ(decodeNodeLetter(bytes), std::nullopt) << at << " " << byte;
    }
}

/// It becomes part of a key.
TEST(NodeLetter, SenderThatIsNoNodeIsRefused)
{
    for (const std::string &from :
         {std::string(), std::string("a}b"), std::string("ä"), std::string(65, 'a')}) {
        NodeLetter letter = request();
        letter.from = from;
        EXPECT_EQ(decodeNodeLetter(encode(letter)), std::nullopt) << from;
    }
}

TEST(NodeLetter, LengthsAndNumbersBeyondTheBytesAreRefused)
{
    using namespace std::string_literals;
    for (const std::string &bytes : {"\x01\x01\x01\xff\xff\x7f"s
                                     "abc"s, // so long an id
                                     "\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01"s
                                     "a"s, // a number without end
                                     "\x01\x01\x01\x01"s
                                     "a\xff\xff\xff\xff\xff\x7f"s, // so long a patience
                                     "\x01\x03\x01\x01"s
                                     "ab"s}) // a refusal with a body
        EXPECT_EQ(decodeNodeLetter(bytes), std::nullopt);
}

} // namespace
} // namespace mws
