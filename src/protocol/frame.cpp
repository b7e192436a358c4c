#include "protocol/frame.h"

#include <array>

namespace mws {
namespace {

constexpr size_t maxControlPayload = 125;
constexpr uint8_t finBit = 0x80;
constexpr uint8_t maskBit = 0x80;

std::string beginFrame(Opcode opcode, size_t payloadSize, uint8_t mask, size_t keySize)
{
    std::array<char, 10> header{};
    size_t size = 0;
    header[size++] = static_cast<char>(finBit | static_cast<uint8_t>(opcode));
    size_t lengthBytes = 0;
    if (payloadSize <= 125) {
        header[size++] = static_cast<char>(mask | payloadSize);
    } else {
        lengthBytes = payloadSize <= 0xFFFF ? 2 : 8;
        header[size++] = static_cast<char>(mask | (lengthBytes == 2 ? 126 : 127));
    }
    while (lengthBytes-- > 0)
        header[size++] = static_cast<char>(payloadSize >> (8 * lengthBytes));
    std::string frame;
    frame.reserve(size + keySize + payloadSize);
    frame.append(header.data(), size).append(keySize, '\0');
    return frame;
}

} // namespace

std::string makeFrame(Opcode opcode, std::string_view payload)
{
    return beginFrame(opcode, payload.size(), 0, 0).append(payload);
}

std::string makeMaskedFrame(Opcode opcode, std::string_view payload)
{
    return beginFrame(opcode, payload.size(), maskBit, 4).append(payload);
}

std::string makeCloseFrame(CloseCode code, std::string_view reason)
{
    if (code == CloseCode::NoStatus)
        return makeFrame(Opcode::Close, {});
    const auto number = static_cast<uint16_t>(code);
    std::string payload{static_cast<char>(number >> 8), static_cast<char>(number)};
    payload.append(closeReason(reason));
    return makeFrame(Opcode::Close, payload);
}

std::string_view closeReason(std::string_view reason)
{
    constexpr size_t limit = maxControlPayload - 2;
    if (reason.size() <= limit)
        return reason;
    size_t size = limit;
    while (size > 0 && (static_cast<uint8_t>(reason[size]) & 0xC0) == 0x80)
        --size;
    return reason.substr(0, size);
}

} // namespace mws
