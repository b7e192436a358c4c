#include "fuzz/fuzz_input.h"
#include "protocol/frame_parser.h"

using namespace mws;
using namespace mws::test;

namespace {

constexpr FrameLimits limits{4096, 8};

struct Heard
{
    FrameParser::EventType type;
    Opcode opcode;
    std::string payload;
    CloseCode code;
    friend bool operator==(const Heard &, const Heard &) = default;
};

void check(const Heard &heard)
{
    require(heard.payload.size() <= limits.messageBytes);
    if (heard.type == FrameParser::EventType::Message && heard.opcode == Opcode::Text)
        require(Utf8Validator::isValid(heard.payload));
    if (heard.type == FrameParser::EventType::Close && heard.code != CloseCode::NoStatus)
        require(isWireCloseCode(static_cast<uint16_t>(heard.code)) && Utf8Validator::isValid(heard.payload));
}

std::vector<Heard> hear(const std::vector<std::string_view> &pieces)
{
    FrameParser parser(limits);
    std::vector<Heard> all;
    for (const std::string_view piece : pieces) {
        std::string copy(piece);
        std::span<char> rest(copy);
        while (true) {
            size_t consumed = 0;
            const FrameParser::Event event = parser.next(rest, consumed);
            require(consumed <= rest.size());
            rest = rest.subspan(consumed);
            require(parser.bufferedBytes() <= limits.messageBytes + 125 + 14);
            if (event.type == FrameParser::EventType::None)
                break;
            all.push_back({event.type, event.opcode, std::string(event.payload), event.code});
            check(all.back());
            if (event.type == FrameParser::EventType::Failed)
                return all;
        }
        require(rest.empty());
    }
    return all;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const FuzzInput input(data, size);
    require(hear({input.bytes()}) == hear(input.pieces()));
    return 0;
}
