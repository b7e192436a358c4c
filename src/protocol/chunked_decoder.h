#pragma once

#include "mws/base/error.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace mws {

/// Decodes a chunked body in one pass, whatever way it is split (RFC 9112 §7.1). Trailers are read within a
/// limit of 4096 bytes and dropped; chunk extensions are refused beyond 256 bytes a line, or when all
/// together outweigh the data by more than 16 KiB. Errors: BadRequest; PayloadTooLarge as soon as a chunk's
/// size is known; HeadTooLarge for the trailers.
class ChunkedDecoder
{
public:
    enum class Status { NeedMore, Complete, Refused };

    explicit ChunkedDecoder(size_t bodyLimit) : m_room(bodyLimit) {}

    /// Takes bytes from the front of `bytes`, appends what they decode to, and tells how many it took in
    /// `consumed` (all of them unless Complete or Refused).
    Status feed(std::string_view bytes, std::string &body, size_t &consumed);
    /// After Refused.
    const Error &error() const { return m_error; }

private:
    enum class State : uint8_t {
        Size,
        Extension,
        SizeLf,
        Data,
        DataCr,
        DataLf,
        TrailerStart,
        TrailerName,
        TrailerValue,
        TrailerLf,
        EndLf,
        Done,
        Failed
    };
    void refuse(ErrorCode code, std::string_view why);
    void step(char c);
    void stepSize(char c);
    void stepExtension(char c);
    void stepTrailer(char c);
    void expect(char c, char wanted, State next);

    size_t m_room; ///< for what is not announced yet
    uint64_t m_left = 0;
    size_t m_lineBytes = 0;
    size_t m_excess = 0; ///< of extensions beyond what the data entitles to
    size_t m_trailerBytes = 0;
    State m_state = State::Size;
    uint8_t m_digits = 0;
    Error m_error;
};

} // namespace mws
