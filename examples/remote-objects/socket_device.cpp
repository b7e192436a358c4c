#include "socket_device.h"

#include <QtWebSockets/QWebSocket>
#include <algorithm>
#include <cstring>
#include <utility>

SocketDevice::SocketDevice(QWebSocket *socket, QObject *parent) : QIODevice(parent), m_socket(socket)
{
    m_socket->setParent(this);
    connect(m_socket, &QWebSocket::disconnected, this, &SocketDevice::end);
    connect(m_socket, &QWebSocket::bytesWritten, this, &SocketDevice::bytesWritten);
    connect(m_socket, &QWebSocket::binaryMessageReceived, this, [this](const QByteArray &message) {
        m_incoming.append(message);
        Q_EMIT readyRead();
    });
    open(QIODevice::ReadWrite | QIODevice::Unbuffered);
}

qint64 SocketDevice::bytesAvailable() const
{
    return m_incoming.size() + QIODevice::bytesAvailable();
}

qint64 SocketDevice::bytesToWrite() const
{
    return m_socket->bytesToWrite();
}

void SocketDevice::close()
{
    if (!isOpen())
        return;
    QIODevice::close();
    m_socket->close();
    end();
}

// At once, and once: Qt Remote Objects writes to a device until it hears of this.
void SocketDevice::end()
{
    if (!std::exchange(m_isOver, true))
        Q_EMIT disconnected();
}

qint64 SocketDevice::readData(char *data, qint64 size)
{
    const qsizetype taken = std::min<qsizetype>(size, m_incoming.size());
    std::memcpy(data, m_incoming.constData(), size_t(taken));
    m_incoming.remove(0, taken);
    return taken;
}

qint64 SocketDevice::writeData(const char *data, qint64 size)
{
    for (qint64 sent = 0; sent < size;) {
        const qint64 part = std::min(messageBytes, size - sent);
        m_socket->sendBinaryMessage(QByteArray(data + sent, part));
        sent += part;
    }
    return size;
}
