#pragma once

#include "protocol/response_meter.h"

#include <QHostAddress>
#include <QTcpSocket>
#include <string_view>

namespace mws {

/// What a FeedSocket tells the connection behind it.
class FeedOwner
{
public:
    /// Qt wrote `bytes` for the peer.
    virtual void feedWrote(std::string_view bytes) = 0;
    /// The answer to the request that was offered is complete.
    virtual void feedAnswered() = 0;
    /// Qt closed its side; the socket deletes itself later, forget it.
    virtual void feedClosed() = 0;
    /// Bytes that wait for the peer: Qt holds back long answers by it.
    virtual qint64 feedPending() const = 0;

protected:
    ~FeedOwner() = default;
};

/// A QTcpSocket without a descriptor, which lives in memory: QHttpServer and QWebSocket read from it what a
/// Channel has vetted, and what they write goes to the Channel. Works on Qt 6.4 and 6.8 with public API only.
/// Thread: its worker's.
class FeedSocket final : public QTcpSocket
{
    Q_OBJECT
public:
    /// QHttpServer deletes its connections when they are disconnected; for QWebSocketServer the socket does
    /// it itself.
    enum class Deletion : quint8 { ByServer, ByItself };

    /// `owner` may be lost later: see ownerGone().
    FeedSocket(FeedOwner &owner, const QHostAddress &peer, quint16 peerPort, Deletion deletion,
               QObject *parent = nullptr);
    ~FeedSocket() override;

    /// Gives one whole request to the HTTP server. Precondition: the previous one is answered.
    void offerRequest(const QByteArray &bytes, bool headOnly);
    /// Gives one whole frame, or the handshake, to the WebSocket side.
    void offer(const QByteArray &bytes);
    /// Puts bytes there to be read, without saying so.
    void preload(const QByteArray &bytes);

    /// How many requests were offered.
    int requests() const { return m_requests; }
    /// True while a request is being answered.
    bool answering() const { return !m_meter.idle() && !m_meter.done(); }

    /// The connection is lost. While a responder may still hold this socket (Qt 6.4 keeps a bare pointer), it
    /// lives on and swallows the rest of the answer.
    void ownerGone();
    /// Ends the session as a disconnected socket does: emits what Qt's servers wait for. The owner is told
    /// unless gone.
    void finish();
    /// The connection has written everything: Qt may write more (6.8 stalls long bodies otherwise).
    void drained();
    /// Frees the 16 KiB chunk that QIODevice keeps after peek() inside QWebSocket.
    void trim();

    qint64 bytesAvailable() const override;
    qint64 bytesToWrite() const override { return m_owner ? m_owner->feedPending() : 0; }
    void close() override { finish(); }
    void disconnectFromHost() override { finish(); }
    qintptr socketDescriptor() const override { return -1; }
    bool setSocketDescriptor(qintptr, SocketState, OpenMode) override { return false; }
    void connectToHost(const QString &, quint16, OpenMode, NetworkLayerProtocol) override {}
    bool bind(const QHostAddress &, quint16, BindMode) override { return false; }
    void setReadBufferSize(qint64) override {}
    void setSocketOption(SocketOption, const QVariant &) override {}
    QVariant socketOption(SocketOption) override { return {}; }
    void resume() override {}
    bool waitForConnected(int) override { return state() == ConnectedState; }
    bool waitForReadyRead(int) override { return bytesAvailable() > 0; }
    bool waitForBytesWritten(int) override { return true; }
    bool waitForDisconnected(int) override { return state() == UnconnectedState; }

protected:
    qint64 readData(char *data, qint64 size) override;
    qint64 skipData(qint64 size) override;
    qint64 readLineData(char *data, qint64 size) override { return QIODevice::readLineData(data, size); }
    qint64 writeData(const char *data, qint64 size) override;

private:
    void advance(qint64 size);
    void later(void (FeedSocket::*step)());

    FeedOwner *m_owner;
    QByteArray m_input;
    qsizetype m_position = 0;
    qint64 m_unconfirmed = 0; ///< written, and not yet told by bytesWritten()
    int m_requests = 0;
    Deletion m_deletion;
    ResponseMeter m_meter;
};

} // namespace mws
