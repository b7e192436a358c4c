#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QIODevice>

class QWebSocket;

/// A WebSocket as a stream of bytes, for Qt Remote Objects: what is written goes out in binary frames, what
/// binary frames bring can be read. Frames have no meaning of their own; the gateway keeps their order and
/// loses none.
class SocketDevice : public QIODevice
{
    Q_OBJECT

public:
    /// Bytes of a message. Less than what a gateway takes (1 MiB by default), whatever is written at once.
    static constexpr qint64 messageBytes = 64 * 1024;

    /// `socket` is open; it belongs to the device from here on.
    explicit SocketDevice(QWebSocket *socket, QObject *parent = nullptr);

    bool isSequential() const override { return true; }
    qint64 bytesAvailable() const override;
    qint64 bytesToWrite() const override;
    void close() override;

Q_SIGNALS:
    /// The connection is over. Qt Remote Objects looks for a signal of this name.
    void disconnected();

protected:
    qint64 readData(char *data, qint64 size) override;
    qint64 writeData(const char *data, qint64 size) override;

private:
    void end();

    QWebSocket *const m_socket;
    QByteArray m_incoming;
    bool m_isOver = false;
};
