#include "identity/jwt_key_loader.h"

#include "identity/bounded_get.h"
#include "mws/base/log.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QUrl>
#include <algorithm>

namespace mws {

namespace {

bool sameKeys(const JwtKeys &a, const JwtKeys &b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const JwtKey &one, const JwtKey &other) {
        return one.id == other.id && one.algorithm == other.algorithm;
    });
}

Result<JwtKeys> keysOfPemFile(const std::string &path)
{
    const Result<std::string> text = readKeyFile(path, maxKeySourceBytes);
    if (!text)
        return Unexpected(text.error());
    auto keys = keysFromPem(*text);
    return keys ? std::move(keys) : Unexpected(ErrorCode::Internal, path + ": " + keys.error().detail);
}

Result<JwtKeys> keysOfJwksFile(const std::string &path)
{
    const Result<std::string> text = readKeyFile(path, maxKeySourceBytes);
    if (!text)
        return Unexpected(text.error());
    auto keys = keysFromJwks(*text, JwksSecrets::Taken);
    return keys ? std::move(keys) : Unexpected(ErrorCode::Internal, path + ": " + keys.error().detail);
}

Result<JwtKeys> keysOfAnswer(const Result<BoundedAnswer> &answer)
{
    if (!answer)
        return Unexpected(answer.error());
    if (answer->status != 200)
        return Unexpected(ErrorCode::Unavailable,
                          "the server answered with status " + std::to_string(answer->status));
    return keysFromJwks(answer->body, JwksSecrets::Skipped); // a secret that is served to anybody is none
}

} // namespace

bool isKeyUrl(const std::string &jwks)
{
    return jwks.starts_with("http://") || jwks.starts_with("https://");
}

Result<void> checkKeyFiles(const Gateway &gateway)
{
    const JwtProvider &jwt = gateway.settings.identityProvider.jwt;
    const auto refused = [&gateway](std::string_view option, const Error &error) {
        return Unexpected(ErrorCode::Internal, "gateway " + gateway.id + ": " + std::string(option) + ": " +
                                                   std::string(error.message()));
    };
    if (!jwt.publicKeyFile.empty())
        if (const auto keys = keysOfPemFile(jwt.publicKeyFile); !keys)
            return refused("jwt_public_key", keys.error());
    if (!jwt.jwks.empty() && !isKeyUrl(jwt.jwks))
        if (const auto keys = keysOfJwksFile(jwt.jwks); !keys)
            return refused("jwt_jwks", keys.error());
    return {};
}

JwtKeyLoader::JwtKeyLoader(const Clock &clock, const JwtKeyOptions &options)
    : m_clock(clock), m_options(options), m_network(std::make_unique<QNetworkAccessManager>())
{}

JwtKeyLoader::~JwtKeyLoader()
{
    for (auto &[id, entry] : m_entries)
        abandon(entry);
}

Result<void> JwtKeyLoader::prepare(const std::shared_ptr<const Gateway> &gateway)
{
    m_thread.check();
    Entry &entry = entryOf(gateway);
    load(entry);
    const std::string who = "gateway " + gateway->id + ": ";
    if (!entry.pem.problem.empty())
        return Unexpected(ErrorCode::Internal, who + "jwt_public_key: " + entry.pem.problem);
    if (!entry.jwks.problem.empty())
        return Unexpected(ErrorCode::Internal, who + "jwt_jwks: " + entry.jwks.problem);
    return {};
}

void JwtKeyLoader::setOptions(const JwtKeyOptions &options)
{
    m_thread.check();
    m_options.bounds = options.bounds;
    m_options.interval = options.interval;
    m_options.life = options.life;
}

void JwtKeyLoader::update(const std::shared_ptr<const Gateway> &gateway)
{
    m_thread.check();
    const auto it = m_entries.find(gateway->id);
    if (it == m_entries.end() || !sameKeySources(*it->second.gateway, *gateway))
        load(entryOf(gateway));
}

void JwtKeyLoader::refresh(const std::shared_ptr<const Gateway> &gateway, uint64_t version,
                           std::function<void()> done)
{
    m_thread.check();
    Entry &entry = entryOf(gateway);
    const bool newer = entry.snapshot && entry.snapshot->version > version;
    const bool mayWait = entry.waiting.size() < m_options.waiting;
    if ((newer && !entry.reply) || !mayWait || (!entry.reply && m_clock.now() < entry.nextLoad))
        return done();
    entry.waiting.push_back(std::move(done));
    if (!entry.reply)
        load(entry);
}

void JwtKeyLoader::tick()
{
    m_thread.check();
    const SteadyTime now = m_clock.now();
    for (auto &[id, entry] : m_entries)
        if (!entry.reply && now >= entry.nextLoad && (filesChanged(entry) || isOld(entry)))
            load(entry);
}

void JwtKeyLoader::forget(const GatewayId &id)
{
    m_thread.check();
    m_store.erase(id);
    auto entry = m_entries.extract(id);
    if (!entry.empty())
        abandon(entry.mapped());
}

/// A new one if the gateway's keys now come from elsewhere.
JwtKeyLoader::Entry &JwtKeyLoader::entryOf(const std::shared_ptr<const Gateway> &gateway)
{
    Entry &entry = m_entries[gateway->id];
    if (entry.gateway && sameKeySources(*entry.gateway, *gateway))
        return entry;
    abandon(entry);
    entry = Entry{};
    entry.gateway = gateway;
    entry.pem.path = gateway->settings.identityProvider.jwt.publicKeyFile;
    entry.jwks.path = gateway->settings.identityProvider.jwt.jwks;
    if (!gateway->jwtSecret.empty())
        if (Result<JwtKey> key = keyFromSecret(gateway->jwtSecret))
            entry.secret.push_back(*std::move(key));
    return entry;
}

/// Files at once; a URL's answer comes later.
void JwtKeyLoader::load(Entry &entry)
{
    entry.nextLoad = m_clock.now() + m_options.interval;
    const auto read = [&entry](Source &source, std::string_view option,
                               Result<JwtKeys> (*keysOf)(const std::string &)) {
        source.stamp =
            stampOf(source.path); // before it is read: what changes meanwhile is seen by the next look
        Result<JwtKeys> keys = keysOf(source.path);
        take(*entry.gateway, source, option, std::move(keys));
    };
    if (!entry.pem.path.empty())
        read(entry.pem, "jwt_public_key", keysOfPemFile);
    if (isKeyUrl(entry.jwks.path))
        return fetch(entry);
    if (!entry.jwks.path.empty())
        read(entry.jwks, "jwt_jwks", keysOfJwksFile);
    publish(entry);
}

/// What could not be read leaves the keys as they are. The reason never holds any of the content.
void JwtKeyLoader::take(const Gateway &gateway, Source &source, std::string_view option, Result<JwtKeys> keys)
{
    source.problem = keys ? std::string() : std::string(keys.error().message());
    if (keys)
        source.keys = *std::move(keys);
    else
        log(LogLevel::Warning, "keys of access tokens could not be loaded; those known before stay in force",
            {{"gateway", gateway.id}, {"option", option}, {"reason", source.problem}});
}

void JwtKeyLoader::fetch(Entry &entry)
{
    QNetworkRequest request(QUrl(QString::fromStdString(entry.jwks.path), QUrl::StrictMode));
    request.setRawHeader("Accept", "application/jwk-set+json, application/json");
    boundRequest(request, m_options.bounds);
    entry.reply = m_network->get(request);
    boundReply(entry.reply, m_options.bounds);
    connect(entry.reply, &QNetworkReply::finished, this,
            [this, id = entry.gateway->id, reply = entry.reply] { fetched(id, reply); });
    if (!entry.snapshot && (!entry.secret.empty() || !entry.pem.keys.empty()))
        publish(entry); // what is known already need not wait
}

void JwtKeyLoader::fetched(const GatewayId &id, QNetworkReply *reply)
{
    m_thread.check();
    reply->deleteLater();
    const auto it = m_entries.find(id);
    if (it == m_entries.end() || it->second.reply != reply)
        return;
    Entry &entry = it->second;
    entry.reply = nullptr;
    entry.fetchedAt = m_clock.now();
    Result<JwtKeys> keys = keysOfAnswer(boundedAnswer(reply, m_options.bounds, "the server of the JWKS"));
    take(*entry.gateway, entry.jwks, "jwt_jwks", std::move(keys));
    publish(entry);
}

void JwtKeyLoader::publish(Entry &entry)
{
    auto snapshot = std::make_shared<JwtKeySnapshot>();
    snapshot->gateway = entry.gateway;
    snapshot->version = ++m_lastVersion;
    if (!entry.reply) // else whoever misses a key may wait for it
        snapshot->nextLoad = entry.nextLoad;
    for (const JwtKeys *keys : {&entry.secret, &entry.pem.keys, &entry.jwks.keys})
        snapshot->keys.insert(snapshot->keys.end(), keys->begin(), keys->end());
    const bool isNew = !entry.snapshot || !sameKeys(entry.snapshot->keys, snapshot->keys);
    log(isNew ? LogLevel::Info : LogLevel::Debug, "keys of access tokens loaded",
        {{"gateway", entry.gateway->id}, {"keys", snapshot->keys.size()}});
    entry.snapshot = snapshot;
    m_store.put(std::move(snapshot));
    if (entry.reply)
        return; // the rest is still to come
    for (const auto &done : std::exchange(entry.waiting, {}))
        done();
}

void JwtKeyLoader::abandon(Entry &entry)
{
    if (QNetworkReply *reply = std::exchange(entry.reply, nullptr)) {
        reply->disconnect();
        reply->abort();
        reply->deleteLater();
    }
    for (const auto &done : std::exchange(entry.waiting, {}))
        done();
}

bool JwtKeyLoader::filesChanged(const Entry &entry)
{
    const auto changed = [](const Source &source) {
        return !source.path.empty() && !isKeyUrl(source.path) && stampOf(source.path) != source.stamp;
    };
    return changed(entry.pem) || changed(entry.jwks);
}

bool JwtKeyLoader::isOld(const Entry &entry) const
{
    if (!isKeyUrl(entry.jwks.path) || !entry.snapshot || !entry.snapshot->used)
        return false;
    return !entry.jwks.problem.empty() || m_clock.now() >= entry.fetchedAt + m_options.life;
}

} // namespace mws
