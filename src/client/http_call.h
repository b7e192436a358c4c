#pragma once

#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QTimer>
#include <QtNetwork/QNetworkRequest>

class QNetworkAccessManager;
class QNetworkReply;

namespace mws::client {

enum class HttpFailure { None, Network, ProxyRefused, Redirected, Timeout, TooLarge, Aborted };

/// How a call ended. With a failure, `error` says what happened; without one there is a whole answer.
struct HttpResult
{
    HttpFailure failure = HttpFailure::None;
    int status = 0;
    QByteArray body = {};
    QByteArray retryAfter = {};
    QByteArray receivers = {}; ///< the field Mws-Receivers
    QString error = {};
};

struct HttpQuestion
{
    QByteArray method = "GET";
    QNetworkRequest request;
    QByteArray body = {};
    int timeout = 10000;       ///< ms, to the end of the answer
    qint64 maxBytes = 1 << 16; ///< of the answer's body
};

/// One HTTP request within limits. Keeps no cookies and no credentials.
///
/// Qt's signals reach it by the event loop, so that its own signal is never emitted from inside Qt's network
/// code: a slot may delete anything. Thread: that of `network`.
class HttpCall : public QObject
{
    Q_OBJECT

public:
    HttpCall(QNetworkAccessManager &network, const HttpQuestion &question, QObject *parent = nullptr);
    ~HttpCall() override;

    /// Ends it; done() comes with HttpFailure::Aborted.
    void abort() { stop(HttpFailure::Aborted); }

Q_SIGNALS:
    /// Once.
    void done(const mws::client::HttpResult &result);

private:
    void stop(HttpFailure failure);
    void checkSize();
    void finish();
    HttpFailure failureOf(int status) const;
    QString describe(HttpFailure failure) const;

    QNetworkReply *m_reply;
    QTimer m_timer;
    HttpFailure m_stopped = HttpFailure::None;
    int m_timeout;
    qint64 m_maxBytes;
};

/// A request of which nothing stays behind, and whose redirects are followed within its origin at most.
QNetworkRequest boundedRequest(const QUrl &url, QNetworkRequest::RedirectPolicy redirects);

} // namespace mws::client
