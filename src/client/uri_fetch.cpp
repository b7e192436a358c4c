#include "uri_fetch.h"

#include "retry_rules.h"
#include "uri_answer.h"

#include <algorithm>

namespace mws::client {

namespace {

/// RFC 9110 §5.6.2: a token.
bool isFieldName(const QByteArray &name)
{
    return !name.isEmpty() && std::all_of(name.begin(), name.end(), [](char c) {
        const bool isAlphanumeric =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return isAlphanumeric || QByteArrayView("!#$%&'*+-.^_`|~").contains(c);
    });
}

bool isFieldValue(const QByteArray &value)
{
    return std::none_of(value.begin(), value.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7f;
    });
}

QNetworkRequest requestOf(const UriQuestion &question)
{
    QNetworkRequest request = boundedRequest(question.url, QNetworkRequest::SameOriginRedirectPolicy);
    request.setRawHeader("Connection", "close");
    if (!question.body.isEmpty())
        request.setHeader(QNetworkRequest::ContentTypeHeader, QStringLiteral("application/json"));
    for (auto header = question.headers.begin(); header != question.headers.end(); ++header)
        request.setRawHeader(header.key().toUtf8(), header.value().toString().toUtf8());
    if (!question.bearer.isEmpty())
        request.setRawHeader("Authorization", "Bearer " + question.bearer.toUtf8());
    if (question.ssl)
        request.setSslConfiguration(*question.ssl);
    return request;
}

} // namespace

QString complaintAbout(const UriQuestion &question)
{
    const QString scheme = question.url.scheme();
    if ((scheme != QLatin1String("http") && scheme != QLatin1String("https")) ||
        question.url.host().isEmpty())
        return QStringLiteral("providerUrl is not an absolute http or https URL");
    for (auto header = question.headers.begin(); header != question.headers.end(); ++header)
        if (!isFieldName(header.key().toUtf8()) || !isFieldValue(header.value().toString().toUtf8()))
            return QStringLiteral("providerHeaders: '%1' is not a header field").arg(header.key());
    return isFieldValue(question.bearer.toUtf8()) ? QString()
                                                  : QStringLiteral("bearer has control characters");
}

MwsUriAnswer uriAnswerOf(const HttpResult &result, const QUrl &url, const QDateTime &now)
{
    if (result.failure == HttpFailure::ProxyRefused)
        return MwsUriAnswer::refused(result.error);
    if (result.failure != HttpFailure::None)
        return MwsUriAnswer::failed(result.error);
    if (result.status >= 200 && result.status < 300)
        return parseUriAnswer(result.body, url);
    const QString error =
        QStringLiteral("the provider at %1 answered %2").arg(url.host(), statusText(result.status));
    if (!isPassing(result.status))
        return MwsUriAnswer::refused(error);
    return MwsUriAnswer::failed(error, int(parseRetryAfter(result.retryAfter, now).count()));
}

UriFetch::UriFetch(QNetworkAccessManager &network, const UriQuestion &question)
{
    network.setProxy(question.proxy.value_or(QNetworkProxy(QNetworkProxy::DefaultProxy)));
    const HttpQuestion http{question.body.isEmpty() ? "GET" : "POST", requestOf(question),
                            question.body.toUtf8(), question.timeout};
    m_call = std::make_unique<HttpCall>(network, http);
    connect(m_call.get(), &HttpCall::done, this, [this, url = question.url](const HttpResult &result) {
        Q_EMIT answered(uriAnswerOf(result, url, QDateTime::currentDateTimeUtc()));
    });
}

} // namespace mws::client
