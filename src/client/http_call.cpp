#include "http_call.h"

#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QNetworkReply>

namespace mws::client {

QNetworkRequest boundedRequest(const QUrl &url, QNetworkRequest::RedirectPolicy redirects)
{
    QNetworkRequest request(url);
    request.setRawHeader("Accept", "application/json");
    request.setRawHeader("Accept-Encoding", "identity"); // nothing that grows when it is unpacked
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, redirects);
    request.setMaximumRedirectsAllowed(5);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    for (const auto attribute :
         {QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::CookieSaveControlAttribute,
          QNetworkRequest::AuthenticationReuseAttribute})
        request.setAttribute(attribute, QNetworkRequest::Manual);
    return request;
}

HttpCall::HttpCall(QNetworkAccessManager &network, const HttpQuestion &question, QObject *parent)
    : QObject(parent),
      m_reply(network.sendCustomRequest(question.request, question.method, question.body)),
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
        result.body = m_reply->readAll();
    Q_EMIT done(result); // the last thing: a slot may delete this
}

} // namespace mws::client
