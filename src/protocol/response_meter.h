#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mws {

/// Follows the bytes of one HTTP response that a server writes, and tells where it ends (RFC 9112 §6.3): by
/// length, by chunks, at once for HEAD, 204 and 304; interim responses but 101 are passed over. What is
/// written past the end is not to be sent. A response that it cannot read, or a head over 64 KiB, ends with
/// the connection.
class ResponseMeter
{
public:
    /// Begins to follow the answer to a request; `headOnly` for HEAD.
    void start(bool headOnly);

    /// How many bytes at the front of `bytes` belong to the response.
    size_t feed(std::string_view bytes);

    bool idle() const { return m_state == State::Idle; }
    bool done() const { return m_state == State::Done; }
    /// The response has no length: it ends with the connection.
    bool untilClose() const { return m_state == State::UntilClose; }
    /// Status of the final response; 0 until its head is complete.
    int status() const { return m_status; }
    /// Forgets the response; idle() again.
    void reset();

private:
    enum class State : uint8_t { Idle, Head, Body, ChunkSize, ChunkData, Trailer, UntilClose, Done };
    size_t takeHead(std::string_view bytes);
    size_t takeLine(std::string_view bytes);
    size_t skip(std::string_view bytes, State next);
    void headComplete(std::string_view head);
    void lineComplete(std::string_view line);
    void enter(State state);

    std::string m_line; ///< what has come of a head or line that is not whole
    uint64_t m_left = 0;
    int m_status = 0;
    State m_state = State::Idle;
    bool m_headOnly = false;
};

} // namespace mws
