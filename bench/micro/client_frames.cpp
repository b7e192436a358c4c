#include "hot_paths.h"
#include "measured.h"

#include <cstring>

namespace mws::micro {

namespace {

constexpr std::string_view mask = "\x37\xfa\x21\x3d";

/// Mostly ASCII, with characters of two and three bytes as a European text has.
std::string textOf(size_t bytes)
{
    constexpr std::string_view sample =
        "The price is 12,50 \u20ac for a caf\u00e9 cr\u00e8me, and the rest of it is plain. ";
    std::string text;
    while (text.size() + sample.size() <= bytes)
        text.append(sample);
    return text.append(bytes - text.size(), '.');
}

std::string maskedFrame(Opcode opcode, std::string payload)
{
    std::string frame = makeMaskedFrame(opcode, payload);
    const size_t begin = frame.size() - payload.size();
    std::memcpy(frame.data() + begin - mask.size(), mask.data(), mask.size());
    for (size_t i = 0; i < payload.size(); ++i)
        frame[begin + i] = char(frame[begin + i] ^ mask[i % mask.size()]);
    return frame;
}

} // namespace

ClientFrames::ClientFrames(Opcode opcode, size_t payloadBytes)
    : m_frame(maskedFrame(opcode, textOf(payloadBytes))), m_buffer(m_frame), m_payloadBytes(payloadBytes)
{}

void ClientFrames::parse()
{
    std::memcpy(m_buffer.data(), m_frame.data(), m_frame.size());
    size_t consumed = 0;
    const FrameParser::Event event = m_parser.next(m_buffer, consumed);
    require(event.type == FrameParser::EventType::Message && event.payload.size() == m_payloadBytes &&
                consumed == m_frame.size(),
            "the frame was not taken");
    keep(event);
}

void ServerFrames::make()
{
    const std::string frame = makeFrame(Opcode::Text, m_payload);
    require(frame.size() > m_payload.size(), "no frame was made");
    keep(frame);
}

} // namespace mws::micro
