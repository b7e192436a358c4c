#include "mws/base/log.h"
#include "net/channel.h"
#include "net/connection_server.h"
#include "net/half_request.h"

#include <QWebSocket>

namespace mws {

namespace {

/// QWebSocket 6.4 answers these, which IANA has registered, with 1002.
bool unknownToQt(CloseCode code)
{
    return code >= CloseCode(1012) && code <= CloseCode(1014);
}

std::string closePayload(CloseCode code, std::string_view reason)
{
    if (code == CloseCode::NoStatus)
        return {};
    std::string payload{char(uint16_t(code) >> 8), char(uint16_t(code) & 255)};
    payload += reason;
    return payload;
}

QByteArray maskedFrame(Opcode opcode, std::string_view payload)
{
    return QByteArray::fromStdString(makeMaskedFrame(opcode, payload));
}

/// QWebSocket passes on signals of its socket that nobody here listens to; each connection costs memory.
void trimConnections(FeedSocket &feed, QWebSocket &webSocket)
{
    QObject::disconnect(&feed, &QIODevice::bytesWritten, &webSocket, nullptr);
    QObject::disconnect(&feed, &QIODevice::readChannelFinished, &webSocket, nullptr);
    QObject::disconnect(&feed, &QIODevice::aboutToClose, &webSocket, nullptr);
    QObject::disconnect(&feed, &QAbstractSocket::errorOccurred, &webSocket, nullptr);
    QObject::disconnect(&feed, &QAbstractSocket::proxyAuthenticationRequired, &webSocket, nullptr);
}

} // namespace

void Channel::upgraded(QWebSocket &webSocket)
{
    m_webSocket = &webSocket;
    webSocket.setParent(m_feed);
    trimConnections(*m_feed, webSocket);
    m_feed->trim();
    // QWebSocketServer speaks of CORS, which has no say in handshakes; admit() has checked the origin.
    std::string reply = withoutFields(m_half->upgradeReply, "access-control-");
    if (!m_half->subprotocol.empty()) {
        const size_t end = reply.rfind("\r\n\r\n");
        reply.insert(end + 2, "Sec-WebSocket-Protocol: " + m_half->subprotocol + "\r\n");
    }
    m_half.reset();
    m_state = State::Open;
    m_server.metrics().handshakes[HandshakeResult::Accepted].add();
    m_server.metrics().webSockets.add(101);
    m_due = SteadyTime::max();
    queueBytes(reply, OutputQueue::Kind::Control);
    m_server.handler().opened(*this);
    if (!m_input.empty() && m_state != State::Dead) {
        readInTurn(); // frames came with the handshake
    } else if (!m_resumeMarked && m_state != State::Dead) {
        m_resumeMarked = true;
        m_server.markResume(*this);
    }
}

void Channel::closeSession(CloseCode code, std::string_view reason)
{
    if (m_state != State::Open)
        return;
    m_state = State::Closing;
    const std::string_view cut = closeReason(reason);
    endSession(CloseInfo{code, std::string(cut), false});
    if (m_state != State::Closing)
        return;
    armIn(m_server.config().closeTimeout);
    m_closeSent = true;
    if (m_webSocket) // writes the frame and closes its socket at once; the descriptor stays for the peer's
                     // Close
        m_webSocket->close(QWebSocketProtocol::CloseCode(code),
                           QString::fromUtf8(cut.data(), qsizetype(cut.size())));
}

size_t Channel::readFrames(std::span<char> bytes)
{
    size_t used = 0;
    const FrameParser::Event event = m_frames->next(bytes, used);
    switch (event.type) {
    case FrameParser::EventType::None:
        holdMessage();
        return bytes.size();
    case FrameParser::EventType::Message:
        if (m_state == State::Open)
            m_server.handler().received(
                *this, event.opcode == Opcode::Text ? PayloadType::Text : PayloadType::Binary, event.payload);
        break;
    case FrameParser::EventType::Ping:
    case FrameParser::EventType::Pong:
        controlFrame(event);
        break;
    case FrameParser::EventType::Close:
        closeReceived(event);
        break;
    case FrameParser::EventType::Failed:
        protocolFailure(event.code, event.payload);
        return bytes.size();
    }
    if (m_held && m_frames && !m_frames->midMessage())
        m_held->begun = m_server.now(); // what follows is another one
    if (used == bytes.size() && m_frames) {
        size_t none = 0;
        m_frames->next({}, none); // frees what it held of the message
        holdMessage();
    }
    return used;
}

/// Counts what has come of a message that is not whole, and refuses it if the worker holds too much.
void Channel::holdMessage()
{
    const size_t bytes = m_frames->bufferedBytes();
    if (bytes > 0 && !m_held)
        m_held = std::make_unique<HeldMessage>(m_server.heldBytes(), m_server.now());
    else if (bytes == 0)
        m_held.reset();
    if (!m_held)
        return;
    m_held->bytes.set(bytes);
    if (m_server.heldBytes() > m_server.config().heldBytes)
        protocolFailure(CloseCode::PolicyViolation, "too many messages are under way");
    else
        messageOverdue(m_server.now());
}

/// Closes the socket if the message that has begun should have ended by now; who drips it in, or leaves it
/// half sent, holds memory that others may need.
bool Channel::messageOverdue(SteadyTime now)
{
    if (m_state != State::Open || !m_held || m_holdsMessages ||
        now - m_held->begun < m_server.config().messageTimeout)
        return false;
    protocolFailure(CloseCode::PolicyViolation, "a message takes too long");
    return true;
}

void Channel::controlFrame(const FrameParser::Event &event)
{
    if (m_state != State::Open)
        return;
    if (tooManyControlFrames()) {
        protocolFailure(CloseCode::PolicyViolation, "too many control frames");
        return;
    }
    if (event.type == FrameParser::EventType::Pong) {
        m_server.handler().ponged(*this);
    } else if (m_output.bytes() <= m_queueLimit) { // who does not read gets no pongs either
        m_feed->offer(maskedFrame(Opcode::Ping, event.payload));
        if (m_feed)
            m_feed->trim();
    }
}

bool Channel::tooManyControlFrames()
{
    const SteadyTime now = m_server.now();
    if (now - m_controlWindow >= std::chrono::seconds(1)) {
        m_controlWindow = now;
        m_controlFrames = 0;
    }
    return ++m_controlFrames > m_controlLimit;
}

void Channel::closeReceived(const FrameParser::Event &event)
{
    if (m_state == State::Closing) { // the answer to ours
        linger();
        return;
    }
    m_state = State::Closing;
    const std::string reason(event.payload);
    endSession(CloseInfo{event.code, reason, true});
    if (m_state != State::Closing)
        return;
    m_closeSent = true;
    if (m_feed && !unknownToQt(event.code))
        m_feed->offer(
            maskedFrame(Opcode::Close, closePayload(event.code, reason))); // QWebSocket answers and closes
    else
        queueBytes(makeCloseFrame(event.code, {}), OutputQueue::Kind::Control);
    linger();
}

/// The peer broke RFC 6455 or a limit: say why, and read no more (§7.1.7).
void Channel::protocolFailure(CloseCode code, std::string_view reason)
{
    if (m_state == State::Open) {
        m_state = State::Closing;
        endSession(CloseInfo{code, std::string(reason), false});
    }
    if (m_state != State::Closing)
        return;
    if (!m_closeSent) {
        m_closeSent = true;
        queueBytes(makeCloseFrame(code, reason), OutputQueue::Kind::Control);
    }
    linger();
}

void Channel::endSession(const CloseInfo &info)
{
    m_server.metrics().closes[closeKind(uint16_t(info.code))].add();
    m_server.handler().closed(*this, info);
    m_session.reset();
    takeMessages(); // the peer's Close is behind what it has sent
}

} // namespace mws
