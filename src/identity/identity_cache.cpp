#include "identity/identity_cache.h"

#include <QByteArray>
#include <QCryptographicHash>
#include <algorithm>

namespace mws {

IdentityCache::Key IdentityCache::keyOf(const Gateway &gateway, std::string_view accessToken)
{
    const IdentityProvider &provider = gateway.settings.identityProvider;
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (const std::string_view part : {std::string_view(gateway.id), std::string_view(provider.edsUri),
                                        std::string_view(provider.backendId), accessToken}) {
        const std::string length = std::to_string(part.size()) + ':'; // so that no two lists look alike
        hash.addData(QByteArray::fromStdString(length));
        hash.addData(QByteArray::fromRawData(part.data(), qsizetype(part.size())));
    }
    hash.addData(QByteArray::number(gateway.serial));
    return hash.result().toStdString();
}

IdentityCache::IdentityCache(const Clock &clock, std::chrono::seconds life, size_t capacity)
    : m_clock(clock), m_capacity(capacity), m_life(life)
{}

void IdentityCache::setLife(std::chrono::seconds life)
{
    const std::lock_guard lock(m_mutex);
    m_life = life;
    const SteadyTime latest = m_clock.now() + life;
    for (Entry &entry : m_entries)
        entry.validUntil = std::min(entry.validUntil, latest);
}

std::optional<Identity> IdentityCache::find(const Key &key) const
{
    const std::lock_guard lock(m_mutex);
    const auto it = m_byKey.find(key);
    if (it == m_byKey.end() || it->second->validUntil <= m_clock.now())
        return std::nullopt;
    return it->second->identity;
}

void IdentityCache::store(const Key &key, Identity identity)
{
    const std::lock_guard lock(m_mutex);
    if (m_life <= std::chrono::seconds::zero())
        return;
    const SteadyTime now = m_clock.now();
    if (const auto it = m_byKey.find(key); it != m_byKey.end())
        erase(it->second);
    const auto entry = m_entries.insert(m_entries.end(), Entry{key, std::move(identity), now + m_life});
    m_byKey.emplace(entry->key, entry);
    while (m_entries.size() > m_capacity || (!m_entries.empty() && m_entries.front().validUntil <= now))
        erase(m_entries.begin());
}

size_t IdentityCache::size() const
{
    const std::lock_guard lock(m_mutex);
    return m_entries.size();
}

void IdentityCache::erase(std::list<Entry>::iterator entry)
{
    m_byKey.erase(entry->key);
    m_entries.erase(entry);
}

} // namespace mws
