#pragma once

#include "identity/answer_bounds.h"
#include "identity/identity_cache.h"
#include "mws/base/result.h"
#include "mws/base/thread_check.h"

#include <QObject>
#include <QUrl>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <vector>

class QNetworkAccessManager;
class QNetworkReply;

namespace mws {

/// Longest access token that is sent on, in bytes.
inline constexpr size_t maxAccessTokenBytes = 4096;

struct EnginioOptions
{
    std::chrono::seconds cacheLife{30}; ///< of a good answer; 0: none is kept
    AnswerBounds bounds;                ///< of one answer
    size_t cacheEntries = 10000;
    size_t requestsInFlight = 256; ///< of all gateways; over it: Unavailable at once
};

/// Where to ask: `edsUri` with the path /v1/user if it has none. Invalid if it is no http(s) URL with a host.
QUrl enginioUrl(const std::string &edsUri);

/// Asks Enginio servers who the bearer of an access token is. One for all workers.
/// Thread: lives on one thread with a Qt event loop; cache() may be used from any.
class EnginioClient : public QObject
{
public:
    using Answer = std::function<void(Result<Identity>)>;

    EnginioClient(const Clock &clock, const EnginioOptions &options);
    /// Answers those who still wait with Unavailable.
    ~EnginioClient() override;

    IdentityCache &cache() { return m_cache; }
    /// Of questions and answers from now on; the sizes stay as they were.
    void setOptions(const EnginioOptions &options);
    /// Calls `answer` exactly once, on this thread. Those who ask for the same key at once share one request;
    /// a good answer is in the cache by then. Errors: as IdentityChecker.
    void ask(const IdentityProvider &provider, const IdentityCache::Key &key, const std::string &accessToken,
             Answer answer);
    size_t requestsInFlight() const { return m_requests.size(); }

private:
    struct Request
    {
        QNetworkReply *reply = nullptr;
        std::vector<Answer> waiting;
    };

    QNetworkReply *send(const QUrl &url, const IdentityProvider &provider, const std::string &accessToken);
    void watch(QNetworkReply *reply, const IdentityCache::Key &key);
    void finish(QNetworkReply *reply, const IdentityCache::Key &key);
    Result<Identity> readAnswer(QNetworkReply *reply) const;

    EnginioOptions m_options;
    IdentityCache m_cache;
    std::vector<std::unique_ptr<QNetworkAccessManager>> m_networks;
    size_t m_nextNetwork = 0;
    std::map<IdentityCache::Key, Request> m_requests;
    ThreadCheck m_thread;
};

} // namespace mws
