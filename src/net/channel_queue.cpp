#include "net/channel.h"
#include "net/connection_server.h"

namespace mws {

Channel::Delivery Channel::send(const SharedBytes &frame, SteadyTime expires)
{
    if (m_state != State::Open)
        return Delivery::NotOpen;
    if (!m_output.empty() && m_output.heldBytes() + OutputQueue::frameOverhead + frame->size() > m_queueLimit)
        return Delivery::QueueFull;
    m_output.pushShared(frame, OutputQueue::Kind::Data, expires);
    markForFlush();
    return Delivery::Queued;
}

void Channel::sendAboveLimit(const SharedBytes &frame)
{
    if (m_state != State::Open)
        return;
    m_output.pushShared(frame, OutputQueue::Kind::Data);
    markForFlush();
}

size_t Channel::sendDroppingOldest(const SharedBytes &frame, SteadyTime expires)
{
    const size_t needed = frame->size() + OutputQueue::frameOverhead;
    const size_t dropped = dropOldest(m_queueLimit > needed ? m_queueLimit - needed : 0);
    if (send(frame, expires) != Delivery::QueueFull)
        return dropped;
    m_server.metrics().drops[DropReason::Oldest].add(); // a frame that has begun fills the queue alone
    return dropped + 1;
}

size_t Channel::dropOldest(size_t limit)
{
    if (m_state != State::Open)
        return 0;
    const QueueMemory::Dropping dropping(m_server.queueMemory());
    const size_t dropped = m_output.dropOldest(limit, OutputQueue::frameOverhead);
    m_server.metrics().drops[DropReason::Oldest].add(dropped);
    countQueue();
    noticeHalfEmpty();
    return dropped;
}

void Channel::closeSlowReader()
{
    if (m_state != State::Open)
        return;
    const size_t before = m_output.frames();
    const QueueMemory::Dropping dropping(m_server.queueMemory());
    m_output.dropUnsent(); // so that the Close is not behind what it does not read
    m_server.metrics().drops[DropReason::Slow].add(before - m_output.frames());
    countQueue();
    closeSession(CloseCode::TryAgainLater, "the client reads too slowly");
}

void Channel::sendControl(const SharedBytes &frame)
{
    if (m_state != State::Open)
        return;
    m_output.pushShared(frame, OutputQueue::Kind::Control);
    markForFlush();
}

/// What is to be written next.
size_t Channel::gather(std::span<iovec> vectors)
{
    uint64_t expired = 0;
    const QueueMemory::Dropping dropping(m_server.queueMemory());
    const size_t count = m_output.gather(vectors, m_server.now(), expired);
    if (expired > 0)
        m_server.metrics().drops[DropReason::Expired].add(expired);
    return count;
}

void Channel::noticeHalfEmpty()
{
    if (!m_tellHalfEmpty || m_state != State::Open || isHalfFull())
        return;
    m_tellHalfEmpty = false;
    m_server.handler().halfEmpty(*this);
}

/// Tells the worker's account how many frames this queue refers to.
void Channel::countQueue()
{
    const auto frames = uint32_t(m_output.frames());
    if (frames > m_countedFrames)
        m_server.queueMemory().addReferences(frames - m_countedFrames);
    else
        m_server.queueMemory().removeReferences(m_countedFrames - frames);
    m_countedFrames = frames;
}

std::optional<SteadyTime> Channel::stalledSince() const
{
    return m_writeBlocked ? std::optional(m_stalledSince) : std::nullopt;
}

/// Of a deadline that has come, before it is acted on.
void Channel::countDeadline()
{
    CounterSet<DeadlineKind> &deadlines = m_server.metrics().deadlines;
    switch (m_state) {
    case State::Securing:
        deadlines[DeadlineKind::Tls].add();
        break;
    case State::Request:
        deadlines[m_input.empty() ? DeadlineKind::Idle : DeadlineKind::Head].add();
        break;
    case State::Body:
        deadlines[DeadlineKind::Body].add();
        break;
    case State::Upgrading:
        deadlines[DeadlineKind::Handshake].add();
        break;
    case State::Answering:
        deadlines[DeadlineKind::Answer].add();
        break;
    case State::Closing:
        if (!m_server.draining() || allGone()) // else it is given more time
            deadlines[DeadlineKind::Close].add();
        break;
    case State::Lingering:
        deadlines[DeadlineKind::Linger].add();
        break;
    case State::Open: // the worker knows what for
    case State::Dead:
        break;
    }
}

} // namespace mws
