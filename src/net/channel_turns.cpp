#include "net/channel.h"
#include "net/connection_server.h"

#include <utility>

// How the connections of a worker take turns, so that none is kept waiting by what another sends.

namespace mws {

namespace {

/// Pipelined requests that one connection gets answered in a turn.
constexpr uint32_t pipelinedInTurn = 16;

} // namespace

/// May one more request be read in this turn, after `before` others of this connection? One may always; more,
/// as long as the others of this worker do not wait for it. Else the rest has its turn later.
bool Channel::mayPipeline(uint32_t before)
{
    if (before == 0 || (before < pipelinedInTurn && m_server.takeShare()))
        return true;
    m_readPaused = true;
    setInterest();
    resumeLater();
    return false;
}

void Channel::readInTurn()
{
    m_readPaused = true;
    setInterest();
    if (!std::exchange(m_bulkMarked, true))
        m_server.markBulk(*this);
}

void Channel::readBulk()
{
    m_bulkMarked = false;
    if (m_state == State::Dead || m_resumeMarked || m_holdsMessages || m_state == State::Answering ||
        m_state == State::Upgrading)
        return; // resume() reads on
    if (m_state == State::Open && !m_input.empty())
        takeKeptInput(); // what came with the handshake
    else
        readable();
    if (m_state == State::Dead)
        return;
    if (m_bulk && m_readPaused)
        readInTurn();
    else
        readOn();
}

void Channel::resumeLater()
{
    if (m_resumeMarked)
        return;
    m_resumeMarked = true;
    m_server.markLater(*this);
}

bool Channel::waitsToRead() const
{
    return m_resumeMarked || m_bulkMarked || m_holdsMessages || m_state == State::Answering ||
           m_state == State::Upgrading;
}

void Channel::readOn()
{
    if (m_readPaused && !waitsToRead()) {
        m_readPaused = false;
        setInterest();
    }
}

void Channel::holdMessages()
{
    m_holdsMessages = m_state == State::Open;
}

void Channel::takeMessages()
{
    if (!std::exchange(m_holdsMessages, false))
        return;
    if (m_held)
        m_held->begun = m_server.now(); // it was not the client who took so long
    resumeLater();
}

void Channel::resume()
{
    m_resumeMarked = false;
    if (m_state == State::Answering && m_answered)
        takeUpAnswer();
    if (m_state == State::Dead || m_state == State::Answering || m_state == State::Upgrading)
        return;
    takeKeptInput();
    if (m_state == State::Dead)
        return;
    if (m_state == State::Request && !m_input.empty())
        armIn(m_server.config().headTimeout); // for the head that had begun behind the answered request
    readOn();
    if (m_peerFinished && (m_state == State::Request || m_state == State::Body))
        linger();
}

} // namespace mws
