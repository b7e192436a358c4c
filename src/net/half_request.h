#pragma once

#include "net/channel.h"

namespace mws {

/// What a Channel holds only while a request or handshake is on its way, so that an idle one stays small.
struct Channel::HalfRequest
{
    /// `all`: what all of the worker's connections hold.
    HalfRequest(size_t &all, SteadyTime now) : begun(now), held(all) {}

    const SteadyTime begun;                ///< when its head was whole
    HeldBytes held;                        ///< of the body
    std::string head;                      ///< the head's bytes; parsed again when the body is complete
    std::string body;                      ///< as it arrives
    uint64_t missing = 0;                  ///< of a body with a Content-Length
    std::optional<ChunkedDecoder> decoder; ///< of a chunked one
    std::string upgradeReply;              ///< what QWebSocketServer answers
    std::string subprotocol;               ///< to be named in that answer
};

} // namespace mws
