#include "net/channel.h"

#include "net/connection_server.h"
#include "net/half_request.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace mws {

namespace {

constexpr auto lingerTimeout = std::chrono::seconds(2);
constexpr size_t vectorsPerWrite = 64;
constexpr size_t usualRead = 16384;
constexpr size_t bulkRead = 65536; // once a usual one was filled

} // namespace

Channel::Channel(ConnectionServer &server, int fd, const sockaddr_storage &peer, bool limited)
    : m_server(server), m_fd(fd), m_isLimited(limited)
{
    std::memcpy(&m_peer, &peer, sizeof m_peer);
    setInterest();
    if (m_server.config().tls)
        m_state = State::Securing;
    // Who connects and says nothing is gone soon.
    armIn(m_server.config().tls ? m_server.config().tlsTimeout : m_server.config().headTimeout);
}

Channel::~Channel() = default;

void Channel::fdEvent(uint32_t events)
{
    if (events & (EPOLLERR | EPOLLHUP)) {
        die();
        return;
    }
    if (events & EPOLLOUT)
        flush();
    if (!(events & (EPOLLIN | EPOLLRDHUP)) || m_state == State::Dead)
        return;
    // Who has asked nothing yet waits, in the kernel, behind those who have: else a storm of connects would
    // hold them up. Who sends more than is read at a time takes turns with its like.
    if (m_bulk)
        readInTurn();
    else if (m_asked || m_server.takeShare())
        readable();
}

void Channel::readable()
{
    if (m_state == State::Answering || m_state == State::Upgrading || m_holdsMessages) {
        m_readPaused = true; // the kernel's buffer, and then the peer, wait
        setInterest();
        return;
    }
    if (m_state == State::Securing || (m_tls && m_state != State::Lingering)) {
        readSecure(); // what is read when all is said need not be decrypted
        return;
    }
    const std::span<char> buffer = m_server.readBuffer().first(m_bulk ? bulkRead : usualRead);
    const ssize_t size = ::recv(m_fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    m_bulk = size_t(std::max<ssize_t>(size, 0)) == buffer.size();
    if (size > 0)
        takeInput(buffer.first(size_t(size)));
    else if (size == 0)
        peerFinished();
    else if (errno != EAGAIN && errno != EINTR)
        die();
}

void Channel::takeInput(std::span<char> bytes)
{
    if (m_input.empty()) {
        const size_t used = consume(bytes);
        if (m_state != State::Dead && m_state != State::Lingering)
            m_input.assign(bytes.data() + used, bytes.size() - used);
        if (m_state == State::Request)
            armIn(m_input.empty() ? m_server.config().idleTimeout : m_server.config().headTimeout);
        return;
    }
    const bool newLine = std::memchr(bytes.data(), '\n', bytes.size()) != nullptr;
    m_input.append(bytes.data(), bytes.size());
    // Half a head is looked at again only when another line of it is there: bytes that drip in cost nothing.
    if (m_state == State::Request && !newLine && m_input.size() <= m_server.config().request.headBytes)
        return;
    takeKeptInput();
}

/// Goes on with what was kept because it was not whole, or because an answer was under way.
void Channel::takeKeptInput()
{
    if (m_input.empty())
        return;
    std::string kept = std::exchange(m_input, {});
    const size_t used = consume(kept);
    if (m_state == State::Dead || m_state == State::Lingering)
        return;
    m_input = kept.substr(used);
    if (m_state == State::Request && used > 0)
        armIn(m_input.empty() ? m_server.config().idleTimeout : m_server.config().headTimeout);
}

size_t Channel::consume(std::span<char> bytes)
{
    size_t used = 0;
    uint32_t requests = 0;
    while (used < bytes.size()) {
        const std::span<char> rest = bytes.subspan(used);
        size_t step = 0;
        switch (m_state) {
        case State::Request:
            if (!mayPipeline(requests++))
                return used;
            step = readHead({rest.data(), rest.size()});
            break;
        case State::Body:
            step = readBody({rest.data(), rest.size()});
            break;
        case State::Open:
            if (m_holdsMessages)
                return used;
            step = readFrames(rest);
            break;
        case State::Closing:
            step = readFrames(rest);
            break;
        case State::Answering:
        case State::Upgrading:
        case State::Securing:
            return used;
        case State::Lingering:
        case State::Dead:
            return bytes.size();
        }
        if (step == 0)
            break;
        used += step;
    }
    return used;
}

void Channel::peerFinished()
{
    m_peerFinished = true;
    setInterest();
    switch (m_state) {
    case State::Securing:
    case State::Request:
    case State::Body:
    case State::Closing:
        linger();
        break; // what is half sent stays so
    case State::Lingering:
        if (allGone())
            die();
        break;
    case State::Open:
        die();
        break; // RFC 6455 §7.1.5: 1006
    case State::Answering:
    case State::Upgrading:
    case State::Dead:
        break; // a half-closed client gets its answer
    }
}

void Channel::setInterest()
{
    uint32_t events = 0;
    if (!m_readPaused && !m_peerFinished)
        events |= EPOLLIN | EPOLLRDHUP;
    if (m_writeBlocked)
        events |= EPOLLOUT;
    if (events == m_interest && m_interest != 0)
        return;
    m_interest = events;
    m_server.dispatcher().watch(m_fd, this, events);
}

void Channel::armIn(std::chrono::milliseconds time)
{
    armSession(m_server.now() + time);
}

void Channel::armSession(SteadyTime at)
{
    m_due = at;
    if (!armed() || when() > at) {
        m_server.wheel().arm(*this, at);
        m_server.armed();
    }
}

void Channel::rearmSession(SteadyTime at)
{
    m_due = at;
    m_server.wheel().arm(*this, at);
    m_server.armed();
}

/// Most often a session that is to be pinged.
void Channel::approaching() const
{
    prefetch();
    constexpr size_t line = 64;
    const auto *session = reinterpret_cast<const char *>(m_session.get());
    for (size_t at = 0; session && at < 4 * line; at += line) // what the layer above keeps, most of it
        __builtin_prefetch(session + at);
}

void Channel::expired(SteadyTime now)
{
    if (m_due > now) { // it was put off in the meantime
        if (m_due != SteadyTime::max())
            m_server.wheel().arm(*this, m_due);
        return;
    }
    countDeadline();
    switch (m_state) {
    case State::Securing:
        die();
        break;
    case State::Request:
        if (m_input.empty())
            idleTooLong();
        else
            refuse(Error{ErrorCode::RequestTimeout, "The request head did not arrive in time", {}});
        break;
    case State::Body:
        refuseBody(Error{ErrorCode::RequestTimeout, "The request body did not arrive in time", {}});
        break;
    case State::Upgrading:
        refuse(Error{ErrorCode::Internal, "The handshake took too long", {}});
        break;
    case State::Open:
        if (!messageOverdue(now))
            m_server.handler().sessionDue(*this, now);
        break;
    case State::Closing:
        if (m_server.draining() && !allGone())
            armIn(m_server.config().closeTimeout); // who reads slowly may do so until the end of the drain
        else
            die();
        break;
    case State::Answering:
        idleTooLong();
        break;
    case State::Lingering:
        allGone() ? die() : idleTooLong();
        break;
    case State::Dead:
        break;
    }
}

void Channel::queueBytes(std::string_view bytes, OutputQueue::Kind kind)
{
    if (m_state == State::Dead)
        return;
    m_output.pushCopy(bytes, kind);
    markForFlush();
}

void Channel::markForFlush()
{
    if (m_writeBlocked)
        countQueue(); // what goes out in this turn is not worth counting
    if (m_flushMarked || m_writeBlocked)
        return; // when blocked, EPOLLOUT will tell
    m_flushMarked = true;
    if (m_state == State::Open || m_state == State::Closing)
        m_server.markOutput(*this);
    else
        m_server.markReply(*this);
}

void Channel::flush()
{
    m_flushMarked = false;
    if (m_tls) {
        flushSecure();
        return;
    }
    std::array<iovec, vectorsPerWrite> vectors;
    while (m_state != State::Dead) {
        const size_t count = gather(vectors);
        if (count == 0)
            break;
        msghdr message{};
        message.msg_iov = vectors.data();
        message.msg_iovlen = count;
        const ssize_t written = ::sendmsg(m_fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0 && errno == EAGAIN) {
            waitForKernel();
            return;
        }
        if (written < 0) {
            die();
            return;
        }
        m_output.consume(size_t(written));
        armWriting();
    }
    if (m_state != State::Dead)
        allWritten();
}

void Channel::waitForKernel()
{
    if (!m_writeBlocked) {
        armWriting();
        m_server.markBlocked(*this);
    }
    m_writeBlocked = true;
    countQueue();
    setInterest();
    noticeHalfEmpty();
}

/// Bytes go or wait: who reads slowly gets them all, who reads nothing has this long.
void Channel::armWriting()
{
    m_stalledSince = m_server.now();
    if ((m_state == State::Answering && m_answered) || (m_state == State::Request && m_input.empty()))
        armIn(m_server.config().idleTimeout);
    else if (m_state == State::Lingering)
        armIn(m_server.config().bodyTimeout);
    else if (m_state == State::Closing)
        armIn(m_server.config().closeTimeout);
}

void Channel::allWritten()
{
    if (m_writeBlocked) {
        m_writeBlocked = false;
        m_server.unmarkBlocked(*this);
        countQueue();
        setInterest();
    }
    if (m_state == State::Lingering) {
        if (m_peerFinished) {
            die();
        } else if (!m_shutdown) {
            if (m_tls && m_tls->finish() == TlsSession::Progress::Again) {
                waitForKernel();
                return;
            }
            m_shutdown = true;
            ::shutdown(m_fd, SHUT_WR);
            armIn(lingerTimeout);
        }
        return;
    }
    noticeHalfEmpty();
    if (std::exchange(m_feedWrote, false) && m_feed)
        m_feed->drained();
    if (m_state == State::Answering && m_answered)
        resumeLater();
}

/// All is said: what is queued is written, then the peer's end is awaited for a moment, so that it reads our
/// last bytes before a reset can overtake them.
void Channel::linger()
{
    if (m_state == State::Lingering || m_state == State::Dead)
        return;
    const bool upgrading = m_state == State::Upgrading;
    if (m_state == State::Answering)
        m_server.forgetAnswer(*this);
    m_state = State::Lingering;
    m_holdsMessages = false;
    if (upgrading) {
        m_server.forgetUpgrade(*this);
        m_server.handler().abandoned(*this);
    }
    m_input = {};
    m_half.reset();
    m_held.reset();
    m_frames.reset();
    releaseFeed();
    readOn();
    armIn(allGone() ? std::chrono::milliseconds(lingerTimeout) : m_server.config().bodyTimeout);
    markForFlush(); // also when nothing is queued: the flush shuts our side down
}

void Channel::abort()
{
    die();
}

void Channel::die()
{
    const State before = std::exchange(m_state, State::Dead);
    if (before == State::Dead)
        return;
    if (before == State::Upgrading) {
        m_server.forgetUpgrade(*this);
        m_server.handler().abandoned(*this);
    } else if (before == State::Open) {
        endSession(CloseInfo{CloseCode::Abnormal, {}, true});
    } else if (before == State::Answering) {
        m_server.forgetAnswer(*this);
    }
    if (m_tls)
        m_tls->finish();
    m_server.dispatcher().watch(m_fd, nullptr, 0);
    ::close(m_fd);
    m_server.wheel().disarm(*this);
    if (m_writeBlocked)
        m_server.unmarkBlocked(*this);
    releaseFeed();
    {
        const QueueMemory::Dropping dropping(m_server.queueMemory());
        m_output.clear();
    }
    countQueue();
    m_server.ended(IpAddress::of(reinterpret_cast<const sockaddr &>(m_peer)), m_isLimited);
    m_server.markDead(*this);
}

} // namespace mws
