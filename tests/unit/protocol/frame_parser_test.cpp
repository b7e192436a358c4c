#include "frame_events.h"

namespace mws::test {
namespace {

using Type = FrameParser::EventType;

Heard text(std::string payload)
{
    return {Type::Message, Opcode::Text, std::move(payload), CloseCode::NoStatus};
}

Heard binary(std::string payload)
{
    return {Type::Message, Opcode::Binary, std::move(payload), CloseCode::NoStatus};
}

Heard ping(std::string payload)
{
    return {Type::Ping, Opcode::Ping, std::move(payload), CloseCode::NoStatus};
}

Heard pong(std::string payload)
{
    return {Type::Pong, Opcode::Pong, std::move(payload), CloseCode::NoStatus};
}

Heard closed(CloseCode code, std::string reason)
{
    return {Type::Close, Opcode::Close, std::move(reason), code};
}

using All = std::vector<Heard>;

TEST(FrameParser, StaysSmallWhileIdle)
{
    EXPECT_LE(sizeof(FrameParser), 32u);
}

TEST(FrameParser, ReadsWholeMessages)
{
    EXPECT_EQ(hearFrames({{0x81, "Hello"}, {0x82, std::string("\0\xFF", 2)}, {0x81, ""}, {0x82, ""}}),
              (All{text("Hello"), binary(std::string("\0\xFF", 2)), text(""), binary("")}));
}

TEST(FrameParser, ReadsEveryFormOfLength)
{
    for (const size_t size : {125u, 126u, 127u, 128u, 1000u, 65535u, 65536u, 65537u})
        EXPECT_EQ(hear({clientBytes({{0x82, std::string(size, 'x')}}, 7)}, {}),
                  All{binary(std::string(size, 'x'))});
    EXPECT_EQ(hearFrames({{0x82, std::string(126, 'x')}}), All{binary(std::string(126, 'x'))});
    EXPECT_EQ(hear({clientBytes({{0x82, std::string(70000, 'x')}}, 3)}, {}),
              All{binary(std::string(70000, 'x'))});
}

TEST(FrameParser, ReadsControlFrames)
{
    EXPECT_EQ(hearFrames({{0x89, "p"},
                          {0x8A, ""},
                          {0x89, std::string(125, 'y')},
                          {0x88, "\x03\xE8"
                                 "bye"}}),
              (All{ping("p"), pong(""), ping(std::string(125, 'y')), closed(CloseCode::Normal, "bye")}));
}

TEST(FrameParser, ReassemblesFragmentsWithControlFramesBetween)
{
    EXPECT_EQ(
        hearFrames(
            {{0x01, "Hel"}, {0x89, "1"}, {0x00, ""}, {0x8A, "2"}, {0x00, "l"}, {0x80, "o"}, {0x81, "x"}}),
        (All{ping("1"), pong("2"), text("Hello"), text("x")}));
    EXPECT_EQ(hearFrames({{0x02, ""}, {0x80, ""}}), All{binary("")});
    EXPECT_EQ(hearFrames({{0x02, "a"}, {0x80, ""}, {0x01, ""}, {0x80, "b"}}), (All{binary("a"), text("b")}));
}

TEST(FrameParser, TakesTextSplitInsideACharacter)
{
    EXPECT_EQ(hearFrames({{0x01, "\xF0\x9F"}, {0x89, "\xFF"}, {0x00, "\x8D"}, {0x80, "\x8B!"}}),
              (All{ping("\xFF"), text("\xF0\x9F\x8D\x8B!")}));
}

TEST(FrameParser, TakesAnyBytesInBinary)
{
    EXPECT_EQ(hearFrames({{0x02, "\xFF\xC0"}, {0x80, "\x80"}}), All{binary("\xFF\xC0\x80")});
}

TEST(FrameParser, ReadsClose)
{
    EXPECT_EQ(hearFrames({{0x88, ""}}), All{closed(CloseCode::NoStatus, "")});
    EXPECT_EQ(hearFrames({{0x88, "\x03\xF4"}}), All{closed(CloseCode::ServiceRestart, "")});
    EXPECT_EQ(hearFrames({{0x88, "\x13\x87\xC3\xA9"}}),
              All{closed(static_cast<CloseCode>(4999), "\xC3\xA9")});
    EXPECT_EQ(hearFrames({{0x88, "\x03\xE8" + std::string(123, 'r')}}),
              All{closed(CloseCode::Normal, std::string(123, 'r'))});
}

TEST(FrameParser, DropsWhatFollowsClose)
{
    EXPECT_EQ(hearFrames({{0x88, ""}, {0x81, "late"}, {0xFF, "junk"}}), All{closed(CloseCode::NoStatus, "")});
}

TEST(FrameParser, ClosesInsideAFragmentedMessage)
{
    EXPECT_EQ(hearFrames({{0x01, "a"}, {0x88, ""}}), All{closed(CloseCode::NoStatus, "")});
}

TEST(FrameParser, TakesAMessageAtItsExactLimit)
{
    const FrameLimits limits{10, 3};
    EXPECT_EQ(hearFrames({{0x81, "0123456789"}}, limits), All{text("0123456789")});
    EXPECT_EQ(hearFrames({{0x01, "01234"}, {0x00, "5678"}, {0x80, "9"}}, limits), All{text("0123456789")});
    EXPECT_EQ(hearFrames({{0x02, "a"}, {0x89, std::string(100, 'p')}, {0x80, "b"}}, limits),
              (All{ping(std::string(100, 'p')), binary("ab")}));
}

TEST(FrameParser, GivesAViewOfAWholeFrame)
{
    std::string bytes = clientBytes({{0x82, "payload"}}, 9);
    FrameParser parser{FrameLimits{}};
    size_t consumed = 0;
    const FrameParser::Event event = parser.next(bytes, consumed);
    EXPECT_EQ(event.payload.data(), bytes.data() + 6);
    EXPECT_EQ(consumed, bytes.size());
    EXPECT_FALSE(parser.midMessage());
    EXPECT_EQ(parser.bufferedBytes(), 0u);
}

TEST(FrameParser, TellsWhatItHolds)
{
    FrameParser parser{FrameLimits{}};
    size_t consumed = 0;
    const auto feed = [&](std::string bytes) { return parser.next(bytes, consumed).type; };
    EXPECT_FALSE(parser.midMessage());
    EXPECT_EQ(feed(clientBytes({{0x82, "0123456789"}}).substr(0, 1)), Type::None);
    EXPECT_TRUE(parser.midMessage());
    EXPECT_EQ(parser.bufferedBytes(), 1u);
    EXPECT_EQ(feed(clientBytes({{0x82, "0123456789"}}).substr(1, 10)), Type::None);
    EXPECT_EQ(parser.bufferedBytes(), 5u);
    EXPECT_EQ(feed(clientBytes({{0x82, "0123456789"}}).substr(11)), Type::Message);
    EXPECT_FALSE(parser.midMessage());
    EXPECT_EQ(parser.bufferedBytes(), 0u);
    EXPECT_EQ(feed(clientBytes({{0x02, "ab"}})), Type::None);
    EXPECT_TRUE(parser.midMessage());
    EXPECT_EQ(feed(clientBytes({{0x89, ""}})), Type::Ping);
    EXPECT_TRUE(parser.midMessage());
    EXPECT_EQ(feed(clientBytes({{0x80, ""}})), Type::Message);
    EXPECT_FALSE(parser.midMessage());
}

TEST(FrameParser, FailsBeforeAnInvalidTextIsWhole)
{
    FrameParser parser{FrameLimits{}};
    std::string bytes = clientBytes({{0x81, "\xFF" + std::string(100, 'x')}}, 4).substr(0, 7);
    size_t consumed = 0;
    EXPECT_EQ(parser.next(bytes, consumed).code, CloseCode::InvalidPayload);
}

TEST(FrameParser, FailsBeforeATooBigMessageComes)
{
    FrameParser parser{FrameLimits{100, 10}};
    std::string bytes("\x82\xFE\xFF\xFF", 4);
    size_t consumed = 0;
    EXPECT_EQ(parser.next(bytes, consumed).code, CloseCode::MessageTooBig);
}

TEST(FrameParser, StaysFailed)
{
    FrameParser parser{FrameLimits{}};
    std::string bytes("\x01\x02");
    size_t consumed = 0;
    EXPECT_EQ(parser.next(bytes, consumed).type, Type::Failed);
    std::string more = clientBytes({{0x81, "x"}});
    EXPECT_EQ(parser.next(more, consumed).code, CloseCode::ProtocolError);
    EXPECT_EQ(consumed, more.size());
    EXPECT_FALSE(parser.midMessage());
}

TEST(FrameParser, MovesWithWhatIsHalfRead)
{
    std::string bytes = clientBytes({{0x81, "Hello"}}, 5);
    FrameParser parser{FrameLimits{}};
    size_t consumed = 0;
    parser.next(std::span(bytes).first(8), consumed);
    FrameParser moved = std::move(parser);
    EXPECT_EQ(moved.next(std::span(bytes).subspan(8), consumed).payload, "Hello");
}

TEST(FrameParser, HoldsNoMoreThanHasCome)
{
    FrameParser parser{FrameLimits{1 << 30, 10}};
    std::string bytes("\x82\xFF\0\0\0\0\x40\0\0\0\1\2\3\4abc", 17);
    size_t consumed = 0;
    EXPECT_EQ(parser.next(bytes, consumed).type, Type::None);
    EXPECT_EQ(parser.bufferedBytes(), 3u);
}

} // namespace
} // namespace mws::test
