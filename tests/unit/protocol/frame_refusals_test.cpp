#include "frame_events.h"

namespace mws::test {
namespace {

using namespace std::string_literals;
using Frames = std::vector<ClientFrame>;

constexpr FrameLimits limits{200, 4};

void expectFailure(const std::string &bytes, CloseCode code)
{
    const std::vector<Heard> heard = hearAlike(bytes, limits);
    ASSERT_FALSE(heard.empty()) << testing::PrintToString(bytes);
    EXPECT_EQ(heard.back().type, FrameParser::EventType::Failed) << testing::PrintToString(bytes);
    EXPECT_EQ(heard.back().code, code) << testing::PrintToString(bytes);
}

void expectFailures(const std::vector<Frames> &rows, CloseCode code)
{
    for (const Frames &row : rows) {
        for (const uint32_t seed : {0u, 11u})
            expectFailure(clientBytes(row, seed), code);
    }
}

TEST(FrameRefusals, ReservedBits)
{
    expectFailures({{{0xC1, "x"}},
                    {{0xA1, "x"}},
                    {{0x91, "x"}},
                    {{0xF2, ""}},
                    {{0xC9, ""}},
                    {{0x98, ""}},
                    {{0x01, "a"}, {0xC0, "b"}},
                    {{0x81, "ok"}, {0xA2, ""}}},
                   CloseCode::ProtocolError);
}

TEST(FrameRefusals, Opcodes)
{
    for (const unsigned opcode : {3u, 4u, 5u, 6u, 7u, 11u, 12u, 13u, 14u, 15u}) {
        expectFailures({{{static_cast<uint8_t>(0x80 | opcode), "x"}}, {{static_cast<uint8_t>(opcode), ""}}},
                       CloseCode::ProtocolError);
    }
}

TEST(FrameRefusals, ControlFrames)
{
    expectFailures({{{0x09, ""}},
                    {{0x0A, ""}},
                    {{0x08, ""}},
                    {{0x01, "a"}, {0x09, "x"}},
                    {{0x89, std::string(126, 'x')}},
                    {{0x8A, std::string(126, 'x')}},
                    {{0x88, "\x03\xE8" + std::string(124, 'x')}},
                    {{0x89, std::string(70000, 'x')}}},
                   CloseCode::ProtocolError);
}

TEST(FrameRefusals, Continuations)
{
    expectFailures({{{0x80, "x"}},
                    {{0x00, "x"}},
                    {{0x81, "a"}, {0x80, "b"}},
                    {{0x01, "a"}, {0x81, "b"}},
                    {{0x01, "a"}, {0x02, "b"}},
                    {{0x02, "a"}, {0x80, "b"}, {0x80, "c"}},
                    {{0x02, "a"}, {0x00, "b"}, {0x82, "c"}}},
                   CloseCode::ProtocolError);
}

TEST(FrameRefusals, UnmaskedFrames)
{
    for (const std::string &bytes :
         {"\x81\x01x"s, "\x81\0"s, "\x89\0"s, "\x88\0"s, "\x82\x7E\0\x7E"s, "\x82\x7F"s})
        expectFailure(bytes, CloseCode::ProtocolError);
}

TEST(FrameRefusals, LengthsThatAreNotShortest)
{
    for (const std::string &bytes :
         {"\x82\xFE\0\0\0\0\0\0"s, "\x82\xFE\0\x7D"s, "\x82\xFE\0\x01"s, "\x82\xFF\0\0\0\0\0\0\0\0"s,
          "\x82\xFF\0\0\0\0\0\0\0\x7D"s, "\x82\xFF\0\0\0\0\0\0\xFF\xFF"s, "\x82\xFF\x80\0\0\0\0\0\0\0"s,
          "\x82\xFF\x80\0\0\0\0\x01\0\0"s, "\x82\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s})
        expectFailure(bytes, CloseCode::ProtocolError);
}

TEST(FrameRefusals, MessagesOverTheLimit)
{
    expectFailures({{{0x82, std::string(201, 'x')}},
                    {{0x81, std::string(201, '\xFF')}},
                    {{0x02, std::string(200, 'x')}, {0x80, "y"}},
                    {{0x01, "a"}, {0x00, std::string(200, 'x')}}},
                   CloseCode::MessageTooBig);
    for (const std::string &bytes :
         {"\x82\xFE\0\xC9"s, "\x82\xFF\0\0\0\0\0\x01\0\0"s, "\x82\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s})
        expectFailure(bytes, CloseCode::MessageTooBig);
}

TEST(FrameRefusals, TooManyFragments)
{
    expectFailures({{{0x02, ""}, {0x00, ""}, {0x00, ""}, {0x00, ""}, {0x80, ""}},
                    {{0x01, "a"}, {0x00, "b"}, {0x89, ""}, {0x00, "c"}, {0x00, "d"}, {0x00, "e"}}},
                   CloseCode::PolicyViolation);
}

TEST(FrameRefusals, TextThatIsNotUtf8)
{
    expectFailures({{{0x81, "\xFF"}},
                    {{0x81, "\xC0\xAF"}},
                    {{0x81, "\xED\xA0\x80"}},
                    {{0x81, "\xF4\x90\x80\x80"}},
                    {{0x81, "\xC3"}},
                    {{0x81, "\xE2\x82"}},
                    {{0x81, "abc\xF0\x9F\x8D"}},
                    {{0x81, "\xF8\x88\x80\x80\x80"}},
                    {{0x01, "\xC3"}, {0x80, ""}},
                    {{0x01, "\xC3"}, {0x80, "a"}},
                    {{0x01, "a"}, {0x80, "\x80"}},
                    {{0x01, "\xED"}, {0x00, "\xA0"}, {0x80, "\x80"}},
                    {{0x01, "\xFF"}, {0x89, ""}},
                    {{0x01, "\xE0"}, {0x89, "x"}, {0x80, "\x80\x80"}},
                    {{0x81, std::string(100, 'a') + "\xFE"}}},
                   CloseCode::InvalidPayload);
}

TEST(FrameRefusals, ClosePayloads)
{
    expectFailures({{{0x88, "x"}}, {{0x88, "\x03"}}}, CloseCode::ProtocolError);
    for (const unsigned code :
         {0u, 1u, 999u, 1004u, 1005u, 1006u, 1015u, 1016u, 1100u, 2000u, 2999u, 5000u, 65535u}) {
        const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code)};
        expectFailures({{{0x88, payload}}, {{0x88, payload + "why"}}}, CloseCode::ProtocolError);
    }
    expectFailures({{{0x88, "\x03\xE8\xFF"}},
                    {{0x88, "\x03\xE8ok\xC3"}},
                    {{0x88, "\x03\xE8\xED\xA0\x80"}},
                    {{0x88, "\x03\xE8\xCE\xBA\xF4\x90\x80\x80"}}},
                   CloseCode::InvalidPayload);
}

} // namespace
} // namespace mws::test
