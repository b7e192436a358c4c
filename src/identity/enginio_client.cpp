#include "identity/enginio_client.h"

#include "identity/bounded_get.h"
#include "identity/enginio_answer.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>

namespace mws {

namespace {

/// Qt 6.4 opens at most six connections to a host for each: 24 in all.
constexpr size_t networkCount = 4;
constexpr QLatin1String defaultPath("/v1/user");

Unexpected unavailable(std::string detail)
{
    return Unexpected(ErrorCode::Unavailable, std::move(detail));
}

QByteArray bytesOf(const std::string &text)
{
    return QByteArray(text.data(), qsizetype(text.size()));
}

} // namespace

QUrl enginioUrl(const std::string &edsUri)
{
    QUrl url(QString::fromStdString(edsUri), QUrl::StrictMode);
    const bool isHttp = url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https");
    if (!url.isValid() || !isHttp || url.host().isEmpty())
        return {};
    if (url.path().isEmpty() || url.path() == QLatin1String("/"))
        url.setPath(defaultPath);
    return url;
}

EnginioClient::EnginioClient(const Clock &clock, const EnginioOptions &options)
    : m_options(options), m_cache(clock, options.cacheLife, options.cacheEntries)
{
    for (size_t i = 0; i < networkCount; ++i)
        m_networks.push_back(std::make_unique<QNetworkAccessManager>());
}

void EnginioClient::setOptions(const EnginioOptions &options)
{
    m_thread.check();
    m_options.bounds = options.bounds;
    m_options.cacheLife = options.cacheLife;
    m_cache.setLife(options.cacheLife);
}

EnginioClient::~EnginioClient()
{
    for (auto &entry : std::exchange(m_requests, {})) {
        entry.second.reply->disconnect(this);
        entry.second.reply->abort();
        for (const Answer &answer : entry.second.waiting)
            answer(unavailable("The service is going away"));
    }
}

void EnginioClient::ask(const IdentityProvider &provider, const IdentityCache::Key &key,
                        const std::string &accessToken, Answer answer)
{
    m_thread.check();
    if (auto known = m_cache.find(key)) // came while this was on its way
        return answer(std::move(*known));
    if (const auto it = m_requests.find(key); it != m_requests.end()) {
        it->second.waiting.push_back(std::move(answer));
        return;
    }
    const QUrl url = enginioUrl(provider.edsUri);
    if (!url.isValid())
        return answer(unavailable("The gateway's identity provider has no valid URL"));
    if (m_requests.size() >= m_options.requestsInFlight)
        return answer(unavailable("Too many access tokens are being checked"));
    Request &request = m_requests[key];
    request.waiting.push_back(std::move(answer));
    request.reply = send(url, provider, accessToken);
    watch(request.reply, key);
}

QNetworkReply *EnginioClient::send(const QUrl &url, const IdentityProvider &provider,
                                   const std::string &accessToken)
{
    QNetworkRequest request(url);
    request.setRawHeader("Authorization", "Bearer " + bytesOf(accessToken));
    request.setRawHeader("Enginio-Backend-Id", bytesOf(provider.backendId));
    request.setRawHeader("Accept", "application/json");
    boundRequest(request, m_options.bounds);
    return m_networks[m_nextNetwork++ % m_networks.size()]->get(request);
}

void EnginioClient::watch(QNetworkReply *reply, const IdentityCache::Key &key)
{
    connect(reply, &QNetworkReply::finished, this, [this, reply, key] { finish(reply, key); });
    boundReply(reply, m_options.bounds);
}

void EnginioClient::finish(QNetworkReply *reply, const IdentityCache::Key &key)
{
    m_thread.check();
    reply->deleteLater();
    const Result<Identity> result = readAnswer(reply);
    if (result)
        m_cache.store(key, *result);
    auto request = m_requests.extract(key);
    for (const Answer &answer : request.mapped().waiting)
        answer(result);
}

Result<Identity> EnginioClient::readAnswer(QNetworkReply *reply) const
{
    const Result<BoundedAnswer> answer = boundedAnswer(reply, m_options.bounds, "The identity provider");
    if (!answer)
        return Unexpected(answer.error());
    return parseEnginioAnswer(answer->status, answer->body);
}

} // namespace mws
