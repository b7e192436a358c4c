#pragma once

#include "protocol/frame_parser.h"

#include "splits.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace mws::test {

/// An event with a payload of its own.
struct Heard
{
    FrameParser::EventType type;
    Opcode opcode;
    std::string payload;
    CloseCode code;
    friend bool operator==(const Heard &, const Heard &) = default;
};

inline void PrintTo(const Heard &heard, std::ostream *out)
{
    *out << "{event " << int(heard.type) << " opcode " << int(heard.opcode) << " code " << int(heard.code)
         << " \"" << heard.payload.substr(0, 40) << "\" " << heard.payload.size() << "}";
}

/// What a client sends: a frame with that first byte and the mask bit, by default with the length as it must
/// be.
struct ClientFrame
{
    uint8_t first;
    std::string payload;

    std::string bytes(uint32_t mask) const
    {
        std::string frame = makeMaskedFrame(Opcode::Text, payload);
        frame[0] = static_cast<char>(first);
        const size_t start = frame.size() - payload.size();
        for (size_t i = 0; i < 4; ++i)
            frame[start - 4 + i] = static_cast<char>(mask >> (8 * i));
        for (size_t i = 0; i < payload.size(); ++i)
            frame[start + i] = static_cast<char>(frame[start + i] ^ static_cast<char>(mask >> (8 * (i % 4))));
        return frame;
    }
};

inline std::string clientBytes(const std::vector<ClientFrame> &frames, uint32_t seed = 0)
{
    std::mt19937 random(seed);
    std::string bytes;
    for (const ClientFrame &frame : frames)
        bytes += frame.bytes(seed == 0 ? 0 : static_cast<uint32_t>(random()));
    return bytes;
}

inline std::vector<Heard> hear(const Pieces &pieces, const FrameLimits &limits)
{
    FrameParser parser(limits);
    std::vector<Heard> all;
    for (const std::string_view piece : pieces) {
        std::string copy(piece); // the parser unmasks in place
        std::span<char> rest(copy);
        while (true) {
            size_t consumed = 0;
            const FrameParser::Event event = parser.next(rest, consumed);
            rest = rest.subspan(consumed);
            if (event.type == FrameParser::EventType::None)
                break;
            all.push_back({event.type, event.opcode, std::string(event.payload), event.code});
            if (event.type == FrameParser::EventType::Failed)
                return all;
        }
        EXPECT_TRUE(rest.empty());
    }
    return all;
}

/// Expects the same events however the bytes come, and gives them.
inline std::vector<Heard> hearAlike(std::string_view bytes, const FrameLimits &limits = {})
{
    const std::vector<Heard> whole = hear({bytes}, limits);
    forEachSplit(bytes, [&](const Pieces &pieces) {
        EXPECT_EQ(hear(pieces, limits), whole) << "first piece: " << pieces.front().size();
    });
    return whole;
}

/// The same with several masks.
inline std::vector<Heard> hearFrames(const std::vector<ClientFrame> &frames, const FrameLimits &limits = {})
{
    const std::vector<Heard> clear = hearAlike(clientBytes(frames), limits);
    for (uint32_t seed : {1u, 2u, 3u})
        EXPECT_EQ(hearAlike(clientBytes(frames, seed), limits), clear);
    return clear;
}

} // namespace mws::test
