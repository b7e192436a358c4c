#include "net/feed_socket.h"

#include "protocol/http_text.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace mws {

FeedSocket::FeedSocket(FeedOwner &owner, const QHostAddress &peer, quint16 peerPort, Deletion deletion,
                       QObject *parent)
    : QTcpSocket(parent), m_owner(&owner), m_deletion(deletion)
{
    setPeerAddress(peer);
    setPeerPort(peerPort);
    setLocalAddress(QHostAddress::LocalHost);
    setOpenMode(ReadWrite | Unbuffered);
    setSocketState(ConnectedState);
}

FeedSocket::~FeedSocket()
{
    // ~QAbstractSocket would abort() and touch an engine that was never made.
    setSocketState(UnconnectedState);
    setOpenMode(NotOpen);
    if (FeedOwner *owner = std::exchange(m_owner, nullptr))
        owner->feedClosed();
}

void FeedSocket::offerRequest(const QByteArray &bytes, bool headOnly)
{
    ++m_requests;
    m_meter.start(headOnly);
    offer(bytes);
}

void FeedSocket::offer(const QByteArray &bytes)
{
    preload(bytes);
    Q_EMIT readyRead();
}

void FeedSocket::preload(const QByteArray &bytes)
{
    if (m_position == m_input.size())
        m_input = bytes;
    else
        m_input = m_input.mid(m_position) + bytes;
    m_position = 0;
}

void FeedSocket::ownerGone()
{
    m_owner = nullptr;
    if (answering())
        later(&FeedSocket::drained); // lets a long body run to its end
    else
        finish();
}

void FeedSocket::finish()
{
    if (state() == UnconnectedState)
        return;
    if (FeedOwner *owner = std::exchange(m_owner, nullptr))
        owner->feedClosed();
    // setSocketState() emits nothing: say what QHttpServer and QWebSocket listen for.
    setSocketState(ClosingState);
    Q_EMIT stateChanged(ClosingState);
    if (isOpen())
        QIODevice::close();
    setSocketState(UnconnectedState);
    Q_EMIT stateChanged(UnconnectedState);
    disconnect(this, &QIODevice::readyRead, nullptr, nullptr); // Qt 6.8 has one queued
    Q_EMIT disconnected();
    if (m_deletion == Deletion::ByItself)
        deleteLater();
}

void FeedSocket::drained()
{
    if (const qint64 size = std::exchange(m_unconfirmed, 0))
        Q_EMIT bytesWritten(size);
}

void FeedSocket::trim()
{
    if (isTransactionStarted() || bytesAvailable() > 0 || state() != ConnectedState)
        return;
    setOpenMode(WriteOnly | Unbuffered);
    setOpenMode(ReadWrite | Unbuffered);
}

qint64 FeedSocket::bytesAvailable() const
{
    return QIODevice::bytesAvailable() + m_input.size() - m_position;
}

void FeedSocket::advance(qint64 size)
{
    m_position += size;
    if (m_position == m_input.size()) {
        m_input = QByteArray();
        m_position = 0;
    }
}

qint64 FeedSocket::readData(char *data, qint64 size)
{
    const qint64 count = std::min<qint64>(size, m_input.size() - m_position);
    if (count > 0)
        std::memcpy(data, m_input.constData() + m_position, size_t(count));
    advance(count);
    return count;
}

qint64 FeedSocket::skipData(qint64 size)
{
    const qint64 count = std::min<qint64>(size, m_input.size() - m_position);
    advance(count);
    return count;
}

qint64 FeedSocket::writeData(const char *data, qint64 size)
{
    if (state() != ConnectedState)
        return -1;
    m_unconfirmed += size;
    std::string_view bytes(data, size_t(size));
    std::string shortened;
    bool answered = false;
    if (!m_meter.idle()) {
        const bool before = m_meter.done();
        bytes = bytes.substr(0, m_meter.feed(bytes)); // past the end of the answer nothing goes out
        answered = !before && m_meter.done();
        if (bytes.starts_with("HTTP/1.1 204 ")) {
            shortened = withoutFields(bytes, "content-length:"); // Qt 6.8 sends it; RFC 9110 §8.6 forbids it
            bytes = shortened;
        }
    }
    if (!m_owner)
        later(&FeedSocket::drained);
    else if (!bytes.empty())
        m_owner->feedWrote(bytes);
    if (answered) {
        if (m_owner)
            m_owner->feedAnswered();
        else
            later(&FeedSocket::finish); // nobody holds it any more
    }
    return size;
}

void FeedSocket::later(void (FeedSocket::*step)())
{
    QMetaObject::invokeMethod(
        this, [this, step] { (this->*step)(); }, Qt::QueuedConnection);
}

} // namespace mws
