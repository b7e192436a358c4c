#pragma once

#include "identity/answer_bounds.h"
#include "identity/jwt_key_store.h"
#include "identity/key_file.h"
#include "mws/base/thread_check.h"

#include <QObject>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

class QNetworkAccessManager;
class QNetworkReply;

namespace mws {

struct JwtKeyOptions
{
    AnswerBounds bounds{std::chrono::milliseconds(2000),
                        int64_t(maxKeySourceBytes)}; ///< of a JWKS URL's answer
    std::chrono::milliseconds interval{60000};       ///< shortest time between two loads of a gateway's keys
    std::chrono::milliseconds life{
        600000};           ///< of keys from a URL; then they are fetched anew, if they are in use
    size_t waiting = 1024; ///< most that wait for one load; over it they get what is there
};

/// True if it is to be fetched, and not a file.
bool isKeyUrl(const std::string &jwks);

/// Reads the gateway's key files and keeps nothing of them. Errors: as JwtKeyLoader::prepare(). Thread: any.
Result<void> checkKeyFiles(const Gateway &gateway);

/// Reads the keys that verify access tokens from secret, PEM file, and JWKS file or URL, again when a file
/// changes, when keys of a URL are old, or when one is missing, at most once in JwtKeyOptions::interval for
/// each gateway. What cannot be read leaves what was read before in force. Thread: lives on one thread with a
/// Qt event loop; store() may be used from any.
class JwtKeyLoader final : public QObject
{
public:
    JwtKeyLoader(const Clock &clock, const JwtKeyOptions &options);
    /// Those who wait are told.
    ~JwtKeyLoader() override;

    const JwtKeyStore &store() const { return m_store; }

    /// Reads the gateway's files now, and begins to fetch from its URL; for the start of the service.
    /// Errors: Internal with option, path and reason for a file that cannot be used.
    Result<void> prepare(const std::shared_ptr<const Gateway> &gateway);
    /// Of loads from now on; the number that may wait stays as it was.
    void setOptions(const JwtKeyOptions &options);
    /// The same after a change of the configuration: only where the gateway's keys now come from elsewhere.
    /// What cannot be read is logged.
    void update(const std::shared_ptr<const Gateway> &gateway);
    /// Calls `done` when the store has keys newer than `version`, or when there are none to be had now: after
    /// a load, at once if none may begin. Those who ask during a load wait for it.
    void refresh(const std::shared_ptr<const Gateway> &gateway, uint64_t version, std::function<void()> done);
    /// Looks for files that changed and for old keys; call about once a second.
    void tick();
    /// The gateway was deleted.
    void forget(const GatewayId &id);

private:
    /// One source, and what was last read from it.
    struct Source
    {
        std::string path; ///< or URL; empty: there is none
        JwtKeys keys;
        std::optional<FileStamp> stamp; ///< of a file, as of the last attempt
        std::string problem;            ///< of the last attempt; empty: none
    };
    struct Entry
    {
        std::shared_ptr<const Gateway> gateway;
        JwtKeys secret;
        Source pem;
        Source jwks;
        SteadyTime nextLoad{};
        SteadyTime fetchedAt{};
        QNetworkReply *reply = nullptr;
        std::vector<std::function<void()>> waiting;
        JwtKeyStore::Snapshot snapshot;
    };

    Entry &entryOf(const std::shared_ptr<const Gateway> &gateway);
    void load(Entry &entry);
    void fetch(Entry &entry);
    void fetched(const GatewayId &id, QNetworkReply *reply);
    void publish(Entry &entry);
    static void take(const Gateway &gateway, Source &source, std::string_view option, Result<JwtKeys> keys);
    static void abandon(Entry &entry);
    static bool filesChanged(const Entry &entry);
    bool isOld(const Entry &entry) const;

    const Clock &m_clock;
    JwtKeyOptions m_options;
    JwtKeyStore m_store;
    std::unique_ptr<QNetworkAccessManager> m_network;
    std::map<GatewayId, Entry> m_entries;
    uint64_t m_lastVersion = 0;
    ThreadCheck m_thread;
};

} // namespace mws
