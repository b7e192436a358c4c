#pragma once

#include "mws/base/clock.h"
#include "mws/base/result.h"
#include "mws/domain/message.h"
#include "protocol/frame_parser.h"
#include "protocol/handshake.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace mws {

class Channel;

/// What the layer above keeps for one WebSocket; a Channel owns it from admission to its end.
class Session
{
public:
    virtual ~Session() = default;
};

/// Why a WebSocket ended.
struct CloseInfo
{
    CloseCode code = CloseCode::Abnormal;
    std::string reason;
    bool byPeer = false;
};

/// A handshake that may go on.
struct Admission
{
    std::unique_ptr<Session> session;
    std::string subprotocol; ///< empty: none is named in the answer
    FrameLimits frames;
    uint32_t controlFramesPerSecond = 100;
    size_t queueBytes = 1 << 20;
    /// Not 0: it goes on when Channel::decide() is called, and fails after this time.
    std::chrono::milliseconds undecided{0};
};

/// Decides about WebSocket sessions and takes what arrives on them; one for each ConnectionServer.
/// Thread: the worker's.
class SessionHandler
{
public:
    /// May this vetted handshake be accepted? Called before any byte is answered.
    virtual Result<Admission> admit(const RequestHead &head, const HandshakeRequest &handshake,
                                    Channel &channel) = 0;
    /// The session is there; the 101 is sent when this returns.
    virtual void opened(Channel &channel) = 0;
    /// The connection was lost between admit() and opened().
    virtual void abandoned(Channel &channel) = 0;
    virtual void received(Channel &channel, PayloadType type, std::string_view payload) = 0;
    virtual void ponged(Channel &channel) = 0;
    /// Asked for with Channel::tellWhenHalfEmpty(). Must not end a session.
    virtual void halfEmpty(Channel &channel) = 0;
    /// The time set with Channel::armSession() has come.
    virtual void sessionDue(Channel &channel, SteadyTime now) = 0;
    /// The session is over; nothing more is received or can be sent. Comes once after each opened().
    virtual void closed(Channel &channel, const CloseInfo &info) = 0;

protected:
    ~SessionHandler() = default;
};

} // namespace mws
