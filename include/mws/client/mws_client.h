#pragma once

#include <mws/client/mws_client_global.h>

#include <QtCore/QDateTime>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <QtCore/QUrl>
#include <QtCore/QVariantMap>
#include <functional>

class MwsClientPrivate;
class QNetworkProxy;
class QSslConfiguration;

/// What a URI provider answers: a URI, or why there is none.
struct MwsUriAnswer
{
    QUrl uri;
    QString error;         ///< what the user is told; used where `uri` is empty
    bool isFinal = false;  ///< true: the client gives up (MwsClient::Failed)
    int retryAfter = 0;    ///< ms that the next attempt waits at least
    QString socketId = {}; ///< for MwsClient::socketId, where the provider knows it
    QStringList tags = {}; ///< for MwsClient::tags
    QDateTime expiresAt = {};

    static MwsUriAnswer of(const QUrl &uri) { return {uri, {}}; }
    /// No URI this time; the client asks again after its back-off, or after `retryAfter` ms if that is
    /// longer.
    static MwsUriAnswer failed(const QString &error, int retryAfter = 0)
    {
        return {{}, error, false, retryAfter};
    }
    /// There will be no URI: the client gives up.
    static MwsUriAnswer refused(const QString &error) { return {{}, error, true}; }
};

/// A WebSocket to an MWS gateway that stays open: it asks for a URI before each attempt, opens it, notices
/// when the server is gone, and begins again.
///
/// Where the URI comes from, the first of these that is set:
/// 1. setUriProvider(): a function;
/// 2. providerUrl: a URL that answers JSON with `uri`, as `GET /v1/websocket_uri` and `POST /v1/sockets` do
///    (`expiresAt`, `tags` and `id` are taken over, all else is ignored); the gateway's own, or your
///    backend's;
/// 3. url: a ws or wss URI that opens more than once (a gateway with `anonymousSockets`, a reservation with
/// `reuse`);
/// 4. the signal uriRequested(), answered with provideUri(), failUri() or refuseUri() (for QML).
///
/// Signals are emitted from the event loop only, never from inside open(), close() or send(), but for
/// stateChanged(), activeChanged() and configurationChanged(), which a call that changes them emits. In any
/// slot the client may be closed, opened, deleted.
///
/// Thread: the one that the object lives in; it needs an event loop there. Settings may be changed at any
/// time and hold from the next attempt on.
class MWS_CLIENT_EXPORT MwsClient : public QObject
{
    Q_OBJECT
    Q_PROPERTY(QUrl url READ url WRITE setUrl NOTIFY configurationChanged)
    Q_PROPERTY(QUrl providerUrl READ providerUrl WRITE setProviderUrl NOTIFY configurationChanged)
    Q_PROPERTY(
        QVariantMap providerHeaders READ providerHeaders WRITE setProviderHeaders NOTIFY configurationChanged)
    Q_PROPERTY(QString providerBody READ providerBody WRITE setProviderBody NOTIFY configurationChanged)
    Q_PROPERTY(QString bearer READ bearer WRITE setBearer NOTIFY configurationChanged)
    Q_PROPERTY(QString origin READ origin WRITE setOrigin NOTIFY configurationChanged)
    Q_PROPERTY(QStringList subprotocols READ subprotocols WRITE setSubprotocols NOTIFY configurationChanged)
    Q_PROPERTY(int initialDelay READ initialDelay WRITE setInitialDelay NOTIFY configurationChanged)
    Q_PROPERTY(double delayFactor READ delayFactor WRITE setDelayFactor NOTIFY configurationChanged)
    Q_PROPERTY(int maxDelay READ maxDelay WRITE setMaxDelay NOTIFY configurationChanged)
    Q_PROPERTY(int stableAfter READ stableAfter WRITE setStableAfter NOTIFY configurationChanged)
    Q_PROPERTY(int maxAttempts READ maxAttempts WRITE setMaxAttempts NOTIFY configurationChanged)
    Q_PROPERTY(
        QList<int> finalCloseCodes READ finalCloseCodes WRITE setFinalCloseCodes NOTIFY configurationChanged)
    Q_PROPERTY(int providerTimeout READ providerTimeout WRITE setProviderTimeout NOTIFY configurationChanged)
    Q_PROPERTY(int connectTimeout READ connectTimeout WRITE setConnectTimeout NOTIFY configurationChanged)
    Q_PROPERTY(int closeTimeout READ closeTimeout WRITE setCloseTimeout NOTIFY configurationChanged)
    Q_PROPERTY(int pingInterval READ pingInterval WRITE setPingInterval NOTIFY configurationChanged)
    Q_PROPERTY(int pongTimeout READ pongTimeout WRITE setPongTimeout NOTIFY configurationChanged)
    Q_PROPERTY(qint64 maxMessageSize READ maxMessageSize WRITE setMaxMessageSize NOTIFY configurationChanged)
    Q_PROPERTY(
        qint64 maxBytesToWrite READ maxBytesToWrite WRITE setMaxBytesToWrite NOTIFY configurationChanged)

    Q_PROPERTY(bool active READ isActive WRITE setActive NOTIFY activeChanged)
    Q_PROPERTY(State state READ state NOTIFY stateChanged)
    Q_PROPERTY(int closeCode READ closeCode NOTIFY stateChanged)
    Q_PROPERTY(QString closeReason READ closeReason NOTIFY stateChanged)
    Q_PROPERTY(QString errorString READ errorString NOTIFY stateChanged)
    Q_PROPERTY(QString socketId READ socketId NOTIFY stateChanged)
    Q_PROPERTY(QStringList tags READ tags NOTIFY stateChanged)
    Q_PROPERTY(QDateTime expiresAt READ expiresAt NOTIFY stateChanged)
    Q_PROPERTY(QString subprotocol READ subprotocol NOTIFY stateChanged)
    Q_PROPERTY(int reconnectIn READ reconnectIn NOTIFY stateChanged)
    Q_PROPERTY(int failedAttempts READ failedAttempts NOTIFY stateChanged)

public:
    /// | state | it is | ends with |
    /// |---|---|---|
    /// | Idle | not asked to be open, or closed for good | open() |
    /// | FetchingUri | waiting for a URI | Connecting, Waiting, Failed |
    /// | Connecting | opening it | Open, Waiting, Failed |
    /// | Open | sending and receiving | Waiting, Closing, Idle, Failed |
    /// | Waiting | pausing before the next attempt | FetchingUri or Connecting |
    /// | Closing | close() was called, the server has not said Close yet | Idle |
    /// | Failed | given up, errorString() says why | open() |
    enum State { Idle, FetchingUri, Connecting, Open, Waiting, Closing, Failed };
    Q_ENUM(State)

    explicit MwsClient(QObject *parent = nullptr);
    /// Leaves with close code 1001 if it is open; emits nothing.
    ~MwsClient() override;

    /// \name Where the URI comes from
    /// @{

    /// The URI that each attempt opens. Scheme ws or wss.
    QUrl url() const;
    void setUrl(const QUrl &url);

    /// Asked before each attempt, http or https. Redirects are followed within its origin only; an answer of
    /// more than 64 KiB is an error; one from https that names a ws URI is an error, as it would be in a
    /// browser.
    QUrl providerUrl() const;
    void setProviderUrl(const QUrl &url);
    /// Header fields of that request, name to text. Never sent to the WebSocket's own address, never logged.
    QVariantMap providerHeaders() const;
    void setProviderHeaders(const QVariantMap &headers);
    /// Not empty: the request is a POST with this body, as application/json in UTF-8.
    QString providerBody() const;
    void setProviderBody(const QString &body);
    /// Not empty: the request has `Authorization: Bearer …`. Wins over providerHeaders.
    QString bearer() const;
    void setBearer(const QString &bearer);

    /// Takes the answer of one call of a UriProvider. Thread: the client's. A second answer, and one that
    /// comes after the attempt is over or the client is gone, has no effect.
    using UriAnswer = std::function<void(const MwsUriAnswer &answer)>;
    /// Called before each attempt; answers at once or later.
    using UriProvider = std::function<void(UriAnswer answer)>;
    /// An empty function: none.
    void setUriProvider(UriProvider provider);

    /// Answers to uriRequested(); false if no URI is being waited for.
    Q_INVOKABLE bool provideUri(const QUrl &uri);
    /// No URI this time; asked again after the back-off, or after `retryAfter` ms if that is longer.
    Q_INVOKABLE bool failUri(const QString &error, int retryAfter = 0);
    /// There will be none: the client gives up.
    Q_INVOKABLE bool refuseUri(const QString &error);
    /// @}

    /// \name How it is opened
    /// @{

    /// Sent as `Origin` with the handshake. Empty: none.
    QString origin() const;
    void setOrigin(const QString &origin);
    /// Offered to the server in this order; subprotocol() is what it chose.
    QStringList subprotocols() const;
    void setSubprotocols(const QStringList &names);
    /// For the provider's URL and the WebSocket; an HTTP proxy is asked to CONNECT. Default: the
    /// application's.
    QNetworkProxy proxy() const;
    void setProxy(const QNetworkProxy &proxy);
    /// Certificates that are trusted and the client's own, for https and wss. Default: Qt's.
    QSslConfiguration sslConfiguration() const;
    void setSslConfiguration(const QSslConfiguration &configuration);
    /// @}

    /// \name Attempts
    /// The n-th attempt in a row that fails is followed by a pause of a random length between 0 and
    /// initialDelay · delayFactor^(n-1) ms, at most maxDelay; at least what Retry-After of the provider's
    /// answer says (up to an hour).
    /// @{

    int initialDelay() const; ///< ms, 1,000 by default; from 1
    void setInitialDelay(int milliseconds);
    double delayFactor() const; ///< 2 by default; from 1
    void setDelayFactor(double factor);
    int maxDelay() const; ///< ms, 30,000 by default; from 1
    void setMaxDelay(int milliseconds);
    /// A connection that held this long makes the next failure the first; ms, 10,000 by default.
    int stableAfter() const;
    void setStableAfter(int milliseconds);
    /// Failures in a row after which it gives up; 0, the default: never.
    int maxAttempts() const;
    void setMaxAttempts(int attempts);
    /// Close codes of the server after which it goes Idle and does not come back; `[1000]` by default. Others
    /// lead to another attempt; but 1008, where the URI is fixed (url), to Failed.
    QList<int> finalCloseCodes() const;
    void setFinalCloseCodes(const QList<int> &codes);
    /// @}

    /// \name Limits
    /// Times in ms, at least 1.
    /// @{

    int providerTimeout() const; ///< for the provider's whole answer; 10,000 by default
    void setProviderTimeout(int milliseconds);
    int connectTimeout() const; ///< from the URI to an open socket; 15,000 by default
    void setConnectTimeout(int milliseconds);
    int closeTimeout() const; ///< for the server's Close after close(); 5,000 by default
    void setCloseTimeout(int milliseconds);
    int pingInterval() const; ///< between pings of its own; 30,000 by default; 0: none
    void setPingInterval(int milliseconds);
    /// From a ping to a sign of life (its pong, or a frame), after which the connection is given up with
    /// close code 1006; 15,000 by default.
    int pongTimeout() const;
    void setPongTimeout(int milliseconds);
    /// Of a message that comes in, and of each of its frames, in bytes; 16 MiB by default. More: closed with
    /// 1009.
    qint64 maxMessageSize() const;
    void setMaxMessageSize(qint64 bytes);
    /// Bytes that may wait to be sent; 16 MiB by default. One message may always be sent when none wait.
    qint64 maxBytesToWrite() const;
    void setMaxBytesToWrite(qint64 bytes);
    /// @}

    /// \name What it is doing
    /// @{

    /// True from open() to close(), to a final close code, or to Failed.
    bool isActive() const;
    /// open() or close(). QML's type waits with it until all its properties are set.
    virtual void setActive(bool active);
    State state() const;
    /// Of the connection that ended last: what the server said (RFC 6455 §7.4; 1005: it gave no code), 1006
    /// if it was lost; 0 before there was one.
    int closeCode() const;
    QString closeReason() const; ///< the server's words, or why the connection was lost
    /// What went wrong last, for people: the failed attempt or lost connection. Empty once it is open.
    QString errorString() const;
    QString socketId() const;    ///< `id` of the provider's answer; empty if it names none
    QStringList tags() const;    ///< `tags` of the provider's answer
    QDateTime expiresAt() const; ///< `expiresAt` of the provider's answer: until when the URI may be opened
    QString subprotocol() const; ///< the server's choice; empty if none or not open
    int reconnectIn() const;     ///< ms to the next attempt, from now; 0 unless Waiting
    int failedAttempts() const;  ///< in a row

    /// Bytes handed to send() and sendBinary() that were not given to the system yet.
    Q_INVOKABLE qint64 bytesToWrite() const;
    /// @}

public Q_SLOTS:
    /// Begins, or ends the pause before the next attempt. No effect while it is open or an attempt is under
    /// way.
    void open();
    /// Ends what is under way, for good. An open connection is closed with `code` (1000, or 3000 to 4999) and
    /// `reason` (at most 123 bytes in UTF-8; more is cut off); closed() tells when the server has answered,
    /// or closeTimeout has passed.
    void close(int code = 1000, const QString &reason = QString());

    /// Sends a text message. True: it is handed to the open connection (not: received). False, and nothing is
    /// done, if the client is not Open or more than maxBytesToWrite would wait. Nothing is queued for a later
    /// connection: what was said to the old one may be wrong for the new one, so the application decides in
    /// opened().
    bool send(const QString &message);
    /// The same with a binary message.
    bool sendBinary(const QByteArray &message);

Q_SIGNALS:
    void stateChanged(MwsClient::State state);
    void activeChanged(bool active);
    void opened();
    /// A connection that was open has ended; state() says already what follows. In a slot, close() prevents
    /// another attempt.
    void closed(int code, const QString &reason);
    void messageReceived(const QString &message);
    void binaryMessageReceived(const QByteArray &message);
    /// An attempt did not lead to an open connection; the next one begins in `reconnectIn` ms.
    void attemptFailed(const QString &error, int reconnectIn);
    /// It has given up (Failed).
    void errorOccurred(const QString &error);
    void uriRequested();
    void bytesWritten(qint64 bytes);
    void configurationChanged();

private:
    friend class MwsClientPrivate;
    Q_DISABLE_COPY_MOVE(MwsClient)
    MwsClientPrivate *const d;
};
