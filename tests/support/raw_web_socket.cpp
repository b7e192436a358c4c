#include "support/raw_web_socket.h"

namespace mws::test {

int WireFrame::closeCode() const
{
    return payload.size() < 2 ? 1005 : uint8_t(payload[0]) << 8 | uint8_t(payload[1]);
}

std::string closePayload(int code, std::string_view reason)
{
    return std::string{char(code >> 8), char(code & 0xff)}.append(reason);
}

std::string frameText(const WireFrame &frame)
{
    std::string text;
    text += char((frame.fin ? 0x80 : 0) | frame.reserved << 4 | uint8_t(frame.opcode));
    const uint8_t maskBit = frame.masked ? 0x80 : 0;
    const uint64_t size = frame.payload.size();
    int lengthBytes = 0;
    if (size < 126) {
        text += char(maskBit | size);
    } else {
        lengthBytes = size < 65536 ? 2 : 8;
        text += char(maskBit | (lengthBytes == 2 ? 126 : 127));
    }
    for (int i = lengthBytes - 1; i >= 0; --i)
        text += char(size >> (8 * i) & 0xff);
    if (!frame.masked)
        return text + frame.payload;
    const std::string key("\x37\xfa\x21\x3d", 4);
    text += key;
    for (size_t i = 0; i < frame.payload.size(); ++i)
        text += char(frame.payload[i] ^ key[i % 4]);
    return text;
}

std::string targetOf(const std::string &uri)
{
    const size_t host = uri.find("://");
    const size_t path = uri.find('/', host == std::string::npos ? 0 : host + 3);
    return path == std::string::npos ? "/" : uri.substr(path);
}

RawWebSocket::RawWebSocket(const Endpoint &endpoint, const std::string &target, HttpHeaders headers,
                           std::string_view early)
    : m_connection(endpoint)
{
    const HttpHeaders handshake{{"Upgrade", "websocket"},
                                {"Connection", "Upgrade"},
                                {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                                {"Sec-WebSocket-Version", "13"}};
    headers.insert(headers.begin(), handshake.begin(), handshake.end());
    const HttpRequest request{"GET", target, std::move(headers), {}};
    m_connection.send(httpText(request, endpoint).append(early));
    m_answer = readHttpAnswer(m_connection);
    expectDescribed(request, m_answer);
}

RawWebSocket::RawWebSocket(RawConnection connection)
    : m_connection(std::move(connection)), m_answer(readHttpAnswer(m_connection))
{}

std::optional<WireFrame> RawWebSocket::readAnyFrame(std::chrono::milliseconds wait)
{
    const Deadline deadline(wait);
    const auto left = [&] { return std::chrono::milliseconds(deadline.left()); };
    const std::string head = m_connection.read(2, left());
    if (head.size() < 2)
        return std::nullopt;
    const auto first = uint8_t(head[0]);
    const auto second = uint8_t(head[1]);
    WireFrame frame{
        Opcode(first & 0x0f), {}, (first & 0x80) != 0, (second & 0x80) != 0, uint8_t(first >> 4 & 0x07)};
    uint64_t size = second & 0x7f;
    if (size >= 126) {
        const size_t lengthBytes = size == 126 ? 2 : 8;
        const std::string length = m_connection.read(lengthBytes, left());
        size = 0;
        for (const char byte : length)
            size = size << 8 | uint8_t(byte);
    }
    frame.payload = m_connection.read(size, left());
    if (frame.payload.size() < size)
        return std::nullopt;
    return frame;
}

std::optional<WireFrame> RawWebSocket::readFrame(std::chrono::milliseconds wait)
{
    const Deadline deadline(wait);
    auto frame = readAnyFrame(wait);
    while (frame && frame->opcode == Opcode::Ping) {
        send({Opcode::Pong, frame->payload});
        frame = readAnyFrame(std::chrono::milliseconds(deadline.left()));
    }
    return frame;
}

std::optional<std::string> RawWebSocket::readMessage(std::chrono::milliseconds wait)
{
    const Deadline deadline(wait);
    std::string message;
    while (auto frame = readFrame(std::chrono::milliseconds(deadline.left()))) {
        if (frame->opcode == Opcode::Close)
            return std::nullopt;
        if (uint8_t(frame->opcode) >= 8)
            continue;
        message += frame->payload;
        if (frame->fin)
            return message;
    }
    return std::nullopt;
}

int RawWebSocket::readClose(std::chrono::milliseconds wait)
{
    const Deadline deadline(wait);
    while (auto frame = readFrame(std::chrono::milliseconds(deadline.left()))) {
        if (frame->opcode != Opcode::Close)
            continue;
        send({Opcode::Close, frame->payload});
        return frame->closeCode();
    }
    return m_connection.waitForEnd(std::chrono::milliseconds(0)) ? 1006 : 0;
}

} // namespace mws::test
