#pragma once

#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <QtCore/QTimer>
#include <QtCore/QUrl>
#include <QtNetwork/QNetworkProxy>
#include <QtNetwork/QSslConfiguration>
#include <QtWebSockets/QWebSocket>
#include <optional>

namespace mws::client {

inline constexpr int lostConnection = 1006; ///< RFC 6455 §7.1.5

struct LinkSettings
{
    QString origin = {};
    QStringList subprotocols = {};
    std::optional<QNetworkProxy> proxy = {};
    std::optional<QSslConfiguration> ssl = {};
    int connectTimeout = 15000;
    int closeTimeout = 5000;
    int pingInterval = 30000; ///< 0: none
    int pongTimeout = 15000;
    qint64 maxMessageSize = 16 << 20;
    qint64 maxBytesToWrite = 16 << 20;
};

/// How a link ended.
struct LinkEnd
{
    bool wasOpen = false;
    int code = lostConnection;
    QString reason = {}; ///< the server's, or ours where it was lost
    QString error = {};  ///< for people
};

/// One QWebSocket, from open() to its end: with a deadline for each step, and pings of its own.
///
/// Qt's signals reach it by the event loop, so that its own signals are never emitted from inside
/// QWebSocket's code: a slot may delete anything. Thread: the owner's.
class Link : public QObject
{
    Q_OBJECT

public:
    explicit Link(LinkSettings settings, QObject *parent = nullptr);
    ~Link() override;

    void open(const QUrl &uri);
    /// Says Close; ended() comes when the connection is down.
    void close(int code, const QString &reason);
    bool sendText(const QString &message);
    bool sendBinary(const QByteArray &message);
    qint64 bytesToWrite() const { return m_socket.bytesToWrite(); }
    QString subprotocol() const { return m_socket.subprotocol(); }

Q_SIGNALS:
    void opened();
    void textReceived(const QString &message);
    void binaryReceived(const QByteArray &message);
    void bytesWritten(qint64 bytes);
    /// Once; nothing comes after it.
    void ended(const mws::client::LinkEnd &end);

private:
    void connectSocket();
    void becomeOpen();
    void fallSilent();
    void showLife();
    void ping();
    void giveUp(const QString &why);
    void finish(LinkEnd end);
    bool hasRoomFor(qint64 bytes) const;
    LinkEnd endOfSocket() const;

    const LinkSettings m_settings;
    QWebSocket m_socket;
    QTimer m_deadline; ///< of what is waited for: open, pong, close
    QTimer m_pingTimer;
    QString m_awaited; ///< what m_deadline is for
    bool m_wasOpen = false;
    bool m_saidClose = false;
    bool m_heardClose = false;
    bool m_isOver = false;
};

} // namespace mws::client
