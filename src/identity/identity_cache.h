#pragma once

#include "mws/base/clock.h"
#include "mws/domain/gateway.h"
#include "mws/domain/permissions.h"

#include <chrono>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mws {

/// Identities that a provider has confirmed lately. Access tokens themselves are not kept.
/// Thread: any.
class IdentityCache
{
public:
    /// A digest of an access token, the gateway that it was shown to, and where it is checked.
    using Key = std::string;
    static Key keyOf(const Gateway &gateway, std::string_view accessToken);

    /// A `life` of zero keeps nothing.
    IdentityCache(const Clock &clock, std::chrono::seconds life, size_t capacity);

    /// A shorter life holds for what is kept already, too.
    void setLife(std::chrono::seconds life);

    std::optional<Identity> find(const Key &key) const;
    /// The oldest goes if there are more than `capacity`.
    void store(const Key &key, Identity identity);
    size_t size() const;

private:
    struct Entry
    {
        Key key;
        Identity identity;
        SteadyTime validUntil;
    };
    void erase(std::list<Entry>::iterator entry);

    const Clock &m_clock;
    const size_t m_capacity;
    mutable std::mutex m_mutex;
    std::chrono::seconds m_life;                                              ///< under m_mutex
    std::list<Entry> m_entries;                                               ///< oldest first; under m_mutex
    std::unordered_map<std::string_view, std::list<Entry>::iterator> m_byKey; ///< under m_mutex
};

} // namespace mws
