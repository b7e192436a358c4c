#include "link.h"

#include "qt_versions.h"

namespace mws::client {

namespace {

constexpr int maxReasonBytes = 123; ///< RFC 6455 §5.5: 125 less the code

/// As much of a text as fits, in whole characters.
QString cutReason(QString reason)
{
    while (reason.toUtf8().size() > maxReasonBytes)
        reason.chop(reason.size() > 1 && reason.back().isLowSurrogate() ? 2 : 1);
    return reason;
}

} // namespace

Link::Link(LinkSettings settings, QObject *parent)
    : QObject(parent),
      m_settings(std::move(settings)),
      m_socket(m_settings.origin),
      m_deadline(this),
      m_pingTimer(this)
{
    m_socket.setMaxAllowedIncomingMessageSize(quint64(m_settings.maxMessageSize));
    m_socket.setMaxAllowedIncomingFrameSize(quint64(m_settings.maxMessageSize));
    if (m_settings.proxy)
        m_socket.setProxy(*m_settings.proxy);
    if (m_settings.ssl)
        m_socket.setSslConfiguration(*m_settings.ssl);
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this] { giveUp(m_awaited); });
    connect(&m_pingTimer, &QTimer::timeout, this, &Link::ping);
    connectSocket();
}

Link::~Link()
{
    m_socket.disconnect(this); // ~QWebSocket says 1001 where it is open
}

void Link::connectSocket()
{
    constexpr auto later = Qt::QueuedConnection;
    connect(&m_socket, &QWebSocket::connected, this, &Link::becomeOpen, later);
    connect(&m_socket, &QWebSocket::disconnected, this, &Link::fallSilent, later);
    connect(
        &m_socket, qt_versions::webSocketError, this,
        [this] {
            if (!m_wasOpen)
                fallSilent();
        },
        later);
    connect(&m_socket, &QWebSocket::aboutToClose, this, [this] { m_heardClose = true; });
    connect(&m_socket, &QWebSocket::pong, this, &Link::showLife, later);
    connect(&m_socket, &QWebSocket::textFrameReceived, this, &Link::showLife, later);
    connect(&m_socket, &QWebSocket::binaryFrameReceived, this, &Link::showLife, later);
    connect(&m_socket, &QWebSocket::textMessageReceived, this, &Link::textReceived, later);
    connect(&m_socket, &QWebSocket::binaryMessageReceived, this, &Link::binaryReceived, later);
    connect(&m_socket, &QWebSocket::bytesWritten, this, &Link::bytesWritten, later);
}

void Link::open(const QUrl &uri)
{
    m_awaited = QStringLiteral("%1 did not open the socket within %2 ms")
                    .arg(uri.host())
                    .arg(m_settings.connectTimeout);
    m_deadline.start(m_settings.connectTimeout);
    QWebSocketHandshakeOptions options;
    options.setSubprotocols(m_settings.subprotocols);
    m_socket.open(QNetworkRequest(uri), options);
}

void Link::becomeOpen()
{
    if (m_isOver)
        return;
    m_deadline.stop();
    m_wasOpen = true;
    if (m_settings.pingInterval > 0)
        m_pingTimer.start(m_settings.pingInterval);
    Q_EMIT opened();
}

void Link::ping()
{
    if (m_saidClose || m_deadline.isActive())
        return;
    m_awaited = QStringLiteral("the server did not answer a ping within %1 ms").arg(m_settings.pongTimeout);
    m_deadline.start(m_settings.pongTimeout);
    m_socket.ping();
}

void Link::showLife()
{
    if (m_wasOpen && !m_saidClose)
        m_deadline.stop();
}

void Link::close(int code, const QString &reason)
{
    if (m_saidClose)
        return;
    m_saidClose = true;
    m_pingTimer.stop();
    m_awaited = QStringLiteral("the connection did not close within %1 ms").arg(m_settings.closeTimeout);
    m_deadline.start(m_settings.closeTimeout);
    m_socket.close(QWebSocketProtocol::CloseCode(code), cutReason(reason));
}

void Link::giveUp(const QString &why)
{
    LinkEnd end{m_wasOpen, lostConnection, why, why};
    m_socket.disconnect(this);
    m_socket.abort();
    finish(std::move(end));
}

void Link::fallSilent()
{
    if (m_wasOpen && m_socket.state() != QAbstractSocket::UnconnectedState)
        return;
    LinkEnd end = endOfSocket();
    m_socket.disconnect(this);
    finish(std::move(end));
}

LinkEnd Link::endOfSocket() const
{
    LinkEnd end{m_wasOpen};
    end.error = m_socket.errorString();
    // Without a Close from either side QWebSocket still has a code, 1000.
    if (m_wasOpen && m_heardClose) {
        end.code = int(m_socket.closeCode());
        end.reason = m_socket.closeReason();
        end.error = QStringLiteral("closed with %1").arg(end.code);
        if (!end.reason.isEmpty())
            end.error += QStringLiteral(": ") + end.reason;
    } else if (m_wasOpen) {
        end.reason = end.error = QStringLiteral("the connection was lost: ") + end.error;
    }
    return end;
}

void Link::finish(LinkEnd end)
{
    if (m_isOver)
        return;
    m_isOver = true;
    m_deadline.stop();
    m_pingTimer.stop();
    Q_EMIT ended(end); // the last thing: a slot may delete this
}

bool Link::hasRoomFor(qint64 bytes) const
{
    const qint64 waiting = m_socket.bytesToWrite();
    return m_socket.isValid() && !m_saidClose && !m_isOver &&
           (waiting == 0 || waiting + bytes <= m_settings.maxBytesToWrite);
}

bool Link::sendText(const QString &message)
{
    // At most three bytes of UTF-8 for each unit; counted exactly only where that matters.
    const bool mayFit = hasRoomFor(3 * message.size()) || hasRoomFor(message.toUtf8().size());
    return mayFit && (m_socket.sendTextMessage(message) > 0 || message.isEmpty());
}

bool Link::sendBinary(const QByteArray &message)
{
    return hasRoomFor(message.size()) && (m_socket.sendBinaryMessage(message) > 0 || message.isEmpty());
}

} // namespace mws::client
