#include "conformance/frame_line.h"

#include "conformance/escapes.h"

#include <array>
#include <utility>

namespace mws::test {

namespace {

constexpr std::array<std::pair<std::string_view, Opcode>, 6> opcodes{{{"continuation", Opcode::Continuation},
                                                                      {"text", Opcode::Text},
                                                                      {"binary", Opcode::Binary},
                                                                      {"close", Opcode::Close},
                                                                      {"ping", Opcode::Ping},
                                                                      {"pong", Opcode::Pong}}};

/// How the frame's header deviates from the usual.
struct Shape
{
    int form = 0; ///< 0, 16 or 64
    std::optional<uint64_t> says = {};
    uint32_t key = 0x37fa213d;
    std::optional<uint64_t> code = {};
};

bool applyFlag(std::string_view flag, WireFrame &frame, Shape &shape)
{
    const size_t equals = std::min(flag.find('='), flag.size());
    const std::string_view name = flag.substr(0, equals);
    const auto value =
        parseNumber(flag.substr(std::min(equals + 1, flag.size())), name == "key" ? 16 : 10).value_or(0);
    if (name == "more")
        frame.fin = false;
    else if (name == "bare")
        frame.masked = false;
    else if (name == "rsv")
        frame.reserved = uint8_t(value);
    else if (name == "code")
        shape.code = value;
    else if (name == "form")
        shape.form = int(value);
    else if (name == "says")
        shape.says = value;
    else if (name == "key")
        shape.key = uint32_t(value);
    else
        return false;
    return true;
}

std::string bytesOf(const WireFrame &frame, const Shape &shape)
{
    const uint64_t says = shape.says.value_or(frame.payload.size());
    const int form = shape.form != 0 ? shape.form : says < 126 ? 0 : says < 65536 ? 16 : 64;
    const int mask = frame.masked ? 0x80 : 0;
    std::string bytes{char((frame.fin ? 0x80 : 0) | frame.reserved << 4 | uint8_t(frame.opcode)),
                      char(mask | (form == 0    ? int(says)
                                   : form == 16 ? 126
                                                : 127))};
    for (int shift = form - 8; shift >= 0; shift -= 8)
        bytes += char(says >> shift & 0xff);
    if (!frame.masked)
        return bytes + frame.payload;
    std::string key;
    for (int shift = 24; shift >= 0; shift -= 8)
        key += char(shape.key >> shift & 0xff);
    bytes += key;
    for (size_t i = 0; i < frame.payload.size(); ++i)
        bytes += char(frame.payload[i] ^ key[i % 4]);
    return bytes;
}

bool applyOpcode(std::string_view word, WireFrame &frame)
{
    for (const auto &[name, opcode] : opcodes) {
        if (name == word) {
            frame.opcode = opcode;
            return true;
        }
    }
    const auto value = parseNumber(word);
    frame.opcode = Opcode(value.value_or(0));
    return value && *value < 16;
}

} // namespace

std::optional<FrameLine> parseFrameLine(std::string_view text)
{
    const size_t space = std::min(text.find(' '), text.size());
    std::string_view kind = text.substr(0, space);
    const auto payload = unescaped(text.substr(std::min(space + 1, text.size())));
    WireFrame frame;
    Shape shape;
    const size_t comma = std::min(kind.find(','), kind.size());
    if (!payload || !applyOpcode(kind.substr(0, comma), frame))
        return std::nullopt;
    kind.remove_prefix(comma);
    while (!kind.empty()) {
        kind.remove_prefix(1);
        const size_t end = std::min(kind.find(','), kind.size());
        if (!applyFlag(kind.substr(0, end), frame, shape))
            return std::nullopt;
        kind.remove_prefix(end);
    }
    frame.payload = (shape.code ? closePayload(int(*shape.code)) : std::string()) + *payload;
    return FrameLine{frame, bytesOf(frame, shape)};
}

} // namespace mws::test
