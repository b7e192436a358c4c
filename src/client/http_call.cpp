#include "http_call.h"

#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QNetworkReply>
#include <algorithm>

namespace mws::client {

namespace {

/// A body that can be read once only: Qt cannot send it again.
class OneTimeBody : public QIODevice
{
public:
    OneTimeBody(const QByteArray &body, QObject *parent) : QIODevice(parent), m_rest(body) { open(ReadOnly); }
    bool isSequential() const override { return true; }
    bool seek(qint64) override { return false; }
    qint64 bytesAvailable() const override { return m_rest.size() + QIODevice::bytesAvailable(); }
    bool atEnd() const override { return bytesAvailable() == 0; }

protected:
    qint64 readData(char *data, qint64 most) override
    {
        if (m_rest.isEmpty())
            return -1;
        const qint64 size = qMin(most, qint64(m_rest.size()));
        std::copy_n(m_rest.constData(), size, data);
        m_rest.remove(0, size);
        return size;
    }
    qint64 writeData(const char *, qint64) override { return -1; }

private:
    QByteArray m_rest;
};

} // namespace

QNetworkRequest boundedRequest(const QUrl &url, QNetworkRequest::RedirectPolicy redirects)
{
    QNetworkRequest request(url);
    request.setRawHeader("Accept", "application/json");
    request.setRawHeader("Accept-Encoding", "identity"); // nothing that grows when it is unpacked
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, redirects);
    request.setMaximumRedirectsAllowed(5);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    for (const auto attribute :
         {QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::CookieSaveControlAttribute})
        request.setAttribute(attribute, QNetworkRequest::Manual);
    return request;
}

HttpCall::HttpCall(QNetworkAccessManager &network, const HttpQuestion &question, QObject *parent)
    : QObject(parent),
      m_reply(send(network, question)),
      m_timer(this),
      m_timeout(question.timeout),
      m_maxBytes(question.maxBytes)
{
    m_reply->setReadBufferSize(m_maxBytes + 1);
    connect(m_reply, &QNetworkReply::readyRead, this, &HttpCall::checkSize, Qt::QueuedConnection);
    connect(m_reply, &QNetworkReply::finished, this, &HttpCall::finish, Qt::QueuedConnection);
    connect(&m_timer, &QTimer::timeout, this, [this] { stop(HttpFailure::Timeout); });
    m_timer.setSingleShot(true);
    m_timer.start(m_timeout);
}

QNetworkReply *HttpCall::send(QNetworkAccessManager &network, const HttpQuestion &question)
{
    if (!question.isOnce)
        return network.sendCustomRequest(question.request, question.method, question.body);
    QNetworkRequest request = question.request;
    request.setHeader(QNetworkRequest::ContentLengthHeader, question.body.size());
    request.setAttribute(QNetworkRequest::DoNotBufferUploadDataAttribute, true);
    return network.sendCustomRequest(request, question.method, new OneTimeBody(question.body, this));
}

HttpCall::~HttpCall()
{
    m_reply->disconnect(this);
    delete m_reply; // aborts it
}

void HttpCall::stop(HttpFailure failure)
{
    if (m_stopped != HttpFailure::None || m_reply->isFinished())
        return;
    m_stopped = failure;
    m_reply->abort();
}

void HttpCall::checkSize()
{
    if (m_reply->bytesAvailable() > m_maxBytes)
        stop(HttpFailure::TooLarge);
}

HttpFailure HttpCall::failureOf(int status) const
{
    if (m_stopped != HttpFailure::None)
        return m_stopped;
    if (m_reply->error() == QNetworkReply::ProxyAuthenticationRequiredError)
        return HttpFailure::ProxyRefused;
    if (m_reply->error() == QNetworkReply::InsecureRedirectError ||
        m_reply->error() == QNetworkReply::TooManyRedirectsError || (status >= 300 && status < 400))
        return HttpFailure::Redirected;
    // With 4xx and 5xx there is always an error, the status's own.
    if (m_reply->error() != QNetworkReply::NoError && status < 400)
        return HttpFailure::Network;
    return m_reply->bytesAvailable() > m_maxBytes ? HttpFailure::TooLarge : HttpFailure::None;
}

QString HttpCall::describe(HttpFailure failure) const
{
    const QString host = m_reply->url().host();
    switch (failure) {
    case HttpFailure::None:
        return {};
    case HttpFailure::Network:
        return QStringLiteral("%1: %2").arg(host, m_reply->errorString());
    case HttpFailure::ProxyRefused:
        return QStringLiteral("the proxy on the way to %1 wants other credentials").arg(host);
    case HttpFailure::Redirected:
        return QStringLiteral("%1 redirects to another place, which is not followed").arg(host);
    case HttpFailure::Timeout:
        return QStringLiteral("%1 did not answer within %2 ms").arg(host).arg(m_timeout);
    case HttpFailure::TooLarge:
        return QStringLiteral("the answer of %1 is longer than %2 bytes").arg(host).arg(m_maxBytes);
    case HttpFailure::Aborted:
        return QStringLiteral("the call was given up");
    }
    return {};
}

void HttpCall::takeBody(HttpResult &result)
{
    result.body = m_reply->readAll();
    // Qt does not always tell that the connection was lost in the middle.
    const qint64 announced = m_reply->header(QNetworkRequest::ContentLengthHeader).toLongLong();
    if (result.body.size() < announced) {
        result.failure = HttpFailure::Network;
        result.error = QStringLiteral("%1: the answer broke off").arg(m_reply->url().host());
    }
}

void HttpCall::finish()
{
    m_timer.stop();
    HttpResult result;
    result.status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    result.failure = failureOf(result.status);
    result.error = describe(result.failure);
    result.retryAfter = m_reply->rawHeader("Retry-After");
    result.receivers = m_reply->rawHeader("Mws-Receivers");
    if (result.failure == HttpFailure::None)
        takeBody(result);
    Q_EMIT done(result); // the last thing: a slot may delete this
}

} // namespace mws::client
