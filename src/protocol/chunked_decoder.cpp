#include "protocol/chunked_decoder.h"

#include "protocol/http_text.h"

#include <algorithm>

namespace mws {
namespace {

constexpr uint8_t maxSizeDigits = 16;
constexpr size_t maxExtension = 256;
constexpr size_t maxTrailers = 4096;
/// Of framing beyond 16 bytes and twice the data of each chunk.
constexpr size_t maxExcess = 16384;

} // namespace

void ChunkedDecoder::refuse(ErrorCode code, std::string_view why)
{
    m_state = State::Failed;
    m_error = Error{code, std::string(why), {}};
}

ChunkedDecoder::Status ChunkedDecoder::feed(std::string_view bytes, std::string &body, size_t &consumed)
{
    consumed = 0;
    while (m_state != State::Done && m_state != State::Failed) {
        if (consumed == bytes.size())
            return Status::NeedMore;
        if (m_state == State::Data) {
            const size_t size = static_cast<size_t>(std::min<uint64_t>(m_left, bytes.size() - consumed));
            body.append(bytes, consumed, size);
            consumed += size;
            m_left -= size;
            if (m_left == 0)
                m_state = State::DataCr;
        } else {
            step(bytes[consumed++]);
        }
    }
    return m_state == State::Done ? Status::Complete : Status::Refused;
}

void ChunkedDecoder::step(char c)
{
    switch (m_state) {
    case State::Size:
        return stepSize(c);
    case State::Extension:
        return stepExtension(c);
    case State::SizeLf:
        return expect(c, '\n', m_left == 0 ? State::TrailerStart : State::Data);
    case State::DataCr:
        return expect(c, '\r', State::DataLf);
    case State::DataLf:
        m_digits = 0;
        return expect(c, '\n', State::Size);
    case State::TrailerStart:
    case State::TrailerName:
    case State::TrailerValue:
    case State::TrailerLf:
        return stepTrailer(c);
    case State::EndLf:
        return expect(c, '\n', State::Done);
    case State::Data:
    case State::Done:
    case State::Failed:
        return;
    }
}

void ChunkedDecoder::expect(char c, char wanted, State next)
{
    if (c == wanted)
        m_state = next;
    else
        refuse(ErrorCode::BadRequest, "a chunk does not end with CRLF");
}

void ChunkedDecoder::stepSize(char c)
{
    if (isChar(HexChar, c)) {
        if (m_digits == maxSizeDigits)
            refuse(ErrorCode::BadRequest, "a chunk size has more than 16 digits");
        m_left = m_digits == 0 ? hexValue(c) : m_left << 4 | hexValue(c);
        ++m_digits;
        return;
    }
    if (m_digits == 0 || (c != '\r' && c != ';')) {
        refuse(ErrorCode::BadRequest, "a chunk size is not hexadecimal");
        return;
    }
    if (m_left > m_room) {
        refuse(ErrorCode::PayloadTooLarge, {});
        return;
    }
    m_room -= static_cast<size_t>(m_left);
    m_lineBytes = 0;
    m_state = c == ';' ? State::Extension : State::SizeLf;
    // What data entitles to is taken off first, what its line takes is added as it comes.
    const size_t free = 16 + 2 * static_cast<size_t>(m_left);
    m_excess -= std::min(m_excess, free);
}

void ChunkedDecoder::stepExtension(char c)
{
    if (c == '\r')
        m_state = State::SizeLf;
    else if (!isChar(ValueChar, c))
        refuse(ErrorCode::BadRequest, "a control character in a chunk extension");
    else if (++m_lineBytes > maxExtension)
        refuse(ErrorCode::BadRequest, "a chunk extension is longer than 256 bytes");
    else if (++m_excess > maxExcess)
        refuse(ErrorCode::BadRequest, "the chunk extensions outweigh the data");
}

void ChunkedDecoder::stepTrailer(char c)
{
    if (m_state == State::TrailerStart && c == '\r') {
        m_state = State::EndLf;
        return;
    }
    if (++m_trailerBytes > maxTrailers) {
        refuse(ErrorCode::HeadTooLarge, "the trailers are longer than 4096 bytes");
        return;
    }
    if (m_state == State::TrailerLf)
        expect(c, '\n', State::TrailerStart);
    else if (m_state == State::TrailerValue && c == '\r')
        m_state = State::TrailerLf;
    else if (m_state == State::TrailerName && c == ':')
        m_state = State::TrailerValue;
    else if (m_state == State::TrailerValue ? !isChar(ValueChar, c) : !isChar(TokenChar, c))
        refuse(ErrorCode::BadRequest, "a trailer field is malformed");
    else if (m_state == State::TrailerStart)
        m_state = State::TrailerName;
}

} // namespace mws
