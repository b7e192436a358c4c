#include "token/idempotency_table.h"

#include <QByteArray>
#include <QCryptographicHash>
#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

namespace mws {

namespace {

using Digest = std::array<uint8_t, 32>;

/// BLAKE2b: as good as SHA-256, and several times faster in Qt.
Digest digestOf(std::string_view text)
{
    const QByteArray bytes = QCryptographicHash::hash(
        QByteArray::fromRawData(text.data(), qsizetype(text.size())), QCryptographicHash::Blake2b_256);
    Digest digest;
    std::copy_n(reinterpret_cast<const uint8_t *>(bytes.constData()), digest.size(), digest.begin());
    return digest;
}

struct DigestHash
{
    size_t operator()(const Digest &digest) const
    {
        size_t value = 0;
        std::memcpy(&value, digest.data(), sizeof(value));
        return value;
    }
};

struct Entry
{
    Digest body;
    PublishOutcome outcome;
};

/// The message ids of one gateway, oldest first.
struct MessageIds
{
    struct Age
    {
        SteadyTime entered;
        Digest id;
    };
    std::mutex mutex;
    std::unordered_map<Digest, Entry, DigestHash> entries; ///< under mutex
    std::deque<Age> ages;                                  ///< under mutex

    /// Precondition: mutex is held.
    void dropOldest()
    {
        entries.erase(ages.front().id);
        ages.pop_front();
    }
    void dropOlderThan(SteadyTime time)
    {
        while (!ages.empty() && ages.front().entered <= time)
            dropOldest();
    }
};

} // namespace

struct IdempotencyTable::Impl
{
    const Clock &clock;
    std::chrono::seconds life;
    size_t perGateway;
    mutable std::shared_mutex mutex;
    std::unordered_map<GatewayId, std::shared_ptr<MessageIds>> gateways; ///< under mutex

    /// Null if nothing was ever entered.
    std::shared_ptr<MessageIds> find(const GatewayId &id) const
    {
        const std::shared_lock lock(mutex);
        const auto it = gateways.find(id);
        return it == gateways.end() ? nullptr : it->second;
    }

    std::shared_ptr<MessageIds> findOrMake(const GatewayId &id)
    {
        if (auto known = find(id))
            return known;
        const std::unique_lock lock(mutex);
        auto &ids = gateways[id];
        if (!ids)
            ids = std::make_shared<MessageIds>();
        return ids;
    }
};

IdempotencyTable::IdempotencyTable(const Clock &clock, std::chrono::seconds life, size_t perGateway)
    : m_impl(new Impl{clock, life, std::max<size_t>(perGateway, 1), {}, {}})
{}

IdempotencyTable::~IdempotencyTable() = default;

Result<std::optional<PublishOutcome>> IdempotencyTable::enter(const GatewayId &gateway, std::string_view id,
                                                              std::string_view body)
{
    const Digest key = digestOf(id);
    const Digest bodyDigest = digestOf(body);
    const auto ids = m_impl->findOrMake(gateway);
    const std::lock_guard lock(ids->mutex);
    const SteadyTime now = m_impl->clock.now(); // under the lock, so that ages are in order
    ids->dropOlderThan(now - m_impl->life);
    const auto [it, added] = ids->entries.try_emplace(key, Entry{bodyDigest, {}});
    if (!added && it->second.body != bodyDigest)
        return Unexpected(ErrorCode::InvalidData, "The id was used for another message", "id");
    if (!added)
        return std::optional(it->second.outcome);
    ids->ages.push_back({now, key});
    if (ids->ages.size() > m_impl->perGateway)
        ids->dropOldest();
    return std::optional<PublishOutcome>();
}

void IdempotencyTable::complete(const GatewayId &gateway, std::string_view id, const PublishOutcome &outcome)
{
    const auto ids = m_impl->find(gateway);
    if (!ids)
        return;
    const Digest key = digestOf(id);
    const std::lock_guard lock(ids->mutex);
    if (const auto it = ids->entries.find(key); it != ids->entries.end())
        it->second.outcome = outcome;
}

void IdempotencyTable::forget(const GatewayId &gateway)
{
    const std::unique_lock lock(m_impl->mutex);
    m_impl->gateways.erase(gateway);
}

void IdempotencyTable::expire()
{
    std::vector<std::shared_ptr<MessageIds>> all;
    {
        const std::shared_lock lock(m_impl->mutex);
        for (const auto &entry : m_impl->gateways)
            all.push_back(entry.second);
    }
    for (const auto &ids : all) {
        const std::lock_guard lock(ids->mutex);
        ids->dropOlderThan(m_impl->clock.now() - m_impl->life);
    }
}

size_t IdempotencyTable::size(const GatewayId &gateway) const
{
    const auto ids = m_impl->find(gateway);
    if (!ids)
        return 0;
    const std::lock_guard lock(ids->mutex);
    return ids->entries.size();
}

} // namespace mws
