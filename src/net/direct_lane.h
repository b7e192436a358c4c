#pragma once

#include "limit/ip_address.h"
#include "protocol/request_parser.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace mws {

class Channel;
class LateAnswers;

/// Stands for a request whose answer comes later. It may outlive the connection, of which it only knows the
/// name, but not the event loop of its worker. Thread: the worker's.
struct LateAnswerTicket
{
    LateAnswers *answers;
    Channel *channel; ///< never followed: it may be gone, and another one in its place
    uint64_t number;

    /// The whole answer, but for the field line that names the connection; once. Nothing if the connection
    /// has gone.
    void answer(std::string_view bytes) const;
};

/// Where answers go that a DirectLane did not have at once. Thread: the worker's.
class LateAnswers
{
public:
    virtual void answerLate(const LateAnswerTicket &ticket, std::string_view bytes) = 0;

protected:
    ~LateAnswers() = default;
};

inline void LateAnswerTicket::answer(std::string_view bytes) const
{
    answers->answerLate(*this, bytes);
}

/// Answers requests on the Channel itself, without an HTTP server: the short way for the busiest calls.
/// Thread: the worker's.
class DirectLane
{
public:
    enum class Verdict {
        Declined, ///< the HTTP server has to answer; nothing was done
        Answered, ///< the whole answer was appended to `out`
        Later,    ///< the ticket will be answered; never from within the call
    };
    /// `head` is vetted and `body` whole; both live as long as the call. `connection` is a field line for an
    /// answer in `out`, or empty.
    virtual Verdict take(const RequestHead &head, std::string_view body, const IpAddress &peer,
                         std::string_view connection, const LateAnswerTicket &ticket, std::string &out) = 0;

protected:
    ~DirectLane() = default;
};

} // namespace mws
