#include "token/reservation_table.h"

#include "token/token_stripe.h"

#include <array>
#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace mws {

namespace {

constexpr size_t stripeCount = 32;
/// How many expired tokens go while a stripe is locked once: some 0.1 ms.
constexpr size_t expiredPerLock = 512;

struct LockedStripe
{
    std::mutex mutex;
    TokenStripe tokens; ///< under mutex
};

/// One gateway's tokens, by the token's id. A socket id may be in any stripe.
struct GatewayTokens
{
    std::array<LockedStripe, stripeCount> stripes;
    std::atomic<size_t> open{0};

    LockedStripe &stripeOf(std::string_view tokenId)
    {
        return stripes[std::hash<std::string_view>{}(tokenId) % stripeCount];
    }
};

bool matches(const TokenStripe::Token &token, const ReservationTable::Filter &filter)
{
    return (!filter.tag || token.hasTag(*filter.tag)) && (!filter.user || token.user() == *filter.user) &&
           (!filter.issuedBefore || token.issuedAt() < *filter.issuedBefore);
}

} // namespace

struct ReservationTable::Impl
{
    const Clock &clock;
    ReservationObserver *observer;
    mutable std::shared_mutex mutex;
    std::unordered_map<GatewayId, std::shared_ptr<GatewayTokens>> gateways; ///< under mutex

    /// Null if nothing was ever entered.
    std::shared_ptr<GatewayTokens> find(const GatewayId &id) const
    {
        const std::shared_lock lock(mutex);
        const auto it = gateways.find(id);
        return it == gateways.end() ? nullptr : it->second;
    }

    std::shared_ptr<GatewayTokens> findOrMake(const GatewayId &id)
    {
        if (auto known = find(id))
            return known;
        const std::unique_lock lock(mutex);
        auto &tokens = gateways[id];
        if (!tokens)
            tokens = std::make_shared<GatewayTokens>();
        return tokens;
    }

    std::vector<std::shared_ptr<GatewayTokens>> all() const
    {
        const std::shared_lock lock(mutex);
        std::vector<std::shared_ptr<GatewayTokens>> result;
        result.reserve(gateways.size());
        for (const auto &entry : gateways)
            result.push_back(entry.second);
        return result;
    }

    /// Precondition: the stripe of `token` is locked, and the token is open or in use.
    void revoke(const GatewayId &gateway, GatewayTokens &tokens, TokenStripe &stripe,
                const TokenStripe::Token &token)
    {
        const bool told = token.state() == TokenState::InUse && !token.reuse(); // by hold()
        stripe.end(token);
        --tokens.open;
        if (observer && !told)
            observer->ended(gateway, token.id(), token.expiresAt());
    }
};

ReservationTable::ReservationTable(const Clock &clock, ReservationObserver *observer)
    : m_impl(new Impl{clock, observer, {}, {}})
{}

ReservationTable::~ReservationTable() = default;

Result<void> ReservationTable::add(const Gateway &gateway, const Reservation &reservation)
{
    const auto tokens = m_impl->findOrMake(gateway.id);
    if (tokens->open.fetch_add(1) >= gateway.settings.limits.reservations) {
        --tokens->open;
        return Unexpected(ErrorCode::Unavailable, "The gateway has too many open reservations");
    }
    LockedStripe &stripe = tokens->stripeOf(reservation.tokenId);
    const std::lock_guard lock(stripe.mutex);
    if (!stripe.tokens.insert(reservation, TokenState::Open)) {
        --tokens->open;
        return Unexpected(ErrorCode::Internal, "A token of that id exists");
    }
    if (m_impl->observer)
        m_impl->observer->reserved(gateway.id, reservation);
    return {};
}

Result<void> ReservationTable::claim(const Gateway &gateway, const Reservation &reservation)
{
    if (Result<void> held = hold(gateway, reservation); !held)
        return held;
    if (!confirm(gateway, reservation))
        return Unexpected(ErrorCode::InvalidToken, "The token is revoked");
    return {};
}

Result<void> ReservationTable::hold(const Gateway &gateway, const Reservation &reservation)
{
    const auto tokens = m_impl->findOrMake(gateway.id);
    LockedStripe &stripe = tokens->stripeOf(reservation.tokenId);
    const std::lock_guard lock(stripe.mutex);
    // Asked under the lock: what expire() has dropped in the meantime must not look new.
    if (reservation.expiresAt <= m_impl->clock.wall())
        return Unexpected(ErrorCode::InvalidToken, "The token has expired");
    const TokenStripe::Token *token = stripe.tokens.find(reservation.tokenId);
    const bool reuse = token ? token->reuse() : reservation.reuse;
    if (!token) {
        token = stripe.tokens.insert(reservation, TokenState::InUse);
        ++tokens->open;
    } else if (token->state() == TokenState::InUse) {
        return Unexpected(ErrorCode::InvalidToken, "The token is in use");
    } else if (token->state() == TokenState::Ended) {
        return Unexpected(ErrorCode::InvalidToken, "The token is spent or revoked");
    } else {
        stripe.tokens.setState(*token, TokenState::InUse);
    }
    if (!reuse && m_impl->observer)
        m_impl->observer->ended(gateway.id, token->id(), token->expiresAt());
    return {};
}

bool ReservationTable::confirm(const Gateway &gateway, const Reservation &reservation)
{
    const auto tokens = m_impl->find(gateway.id);
    if (!tokens)
        return false; // the gateway was deleted
    LockedStripe &stripe = tokens->stripeOf(reservation.tokenId);
    const std::lock_guard lock(stripe.mutex);
    const TokenStripe::Token *token = stripe.tokens.find(reservation.tokenId);
    if (!token)
        return true; // it has expired since
    if (token->state() != TokenState::InUse)
        return false;
    if (!token->reuse()) {
        stripe.tokens.end(*token);
        --tokens->open;
    }
    return true;
}

void ReservationTable::release(const Gateway &gateway, const Reservation &reservation)
{
    const auto tokens = m_impl->find(gateway.id);
    if (!tokens)
        return;
    LockedStripe &stripe = tokens->stripeOf(reservation.tokenId);
    const std::lock_guard lock(stripe.mutex);
    const TokenStripe::Token *token = stripe.tokens.find(reservation.tokenId);
    if (!token || token->state() != TokenState::InUse)
        return;
    if (token->reuse()) {
        stripe.tokens.setState(*token, TokenState::Open);
    } else {
        stripe.tokens.end(*token);
        --tokens->open;
    }
}

bool ReservationTable::revoke(const Gateway &gateway, const SocketId &id)
{
    const auto tokens = m_impl->find(gateway.id);
    if (!tokens)
        return false;
    const WallTime now = m_impl->clock.wall();
    bool found = false;
    for (LockedStripe &stripe : tokens->stripes) {
        const std::lock_guard lock(stripe.mutex);
        while (const TokenStripe::Token *token = stripe.tokens.findSocket(id)) {
            found |= token->expiresAt() > now;
            m_impl->revoke(gateway.id, *tokens, stripe.tokens, *token);
        }
    }
    return found;
}

size_t ReservationTable::revoke(const Gateway &gateway, const Filter &filter)
{
    const auto tokens = m_impl->find(gateway.id);
    if (!tokens)
        return 0;
    const WallTime now = m_impl->clock.wall();
    size_t count = 0;
    for (LockedStripe &stripe : tokens->stripes) {
        const std::lock_guard lock(stripe.mutex);
        const auto matching = stripe.tokens.live([&](const TokenStripe::Token &token) {
            return token.expiresAt() > now && matches(token, filter);
        });
        for (const TokenStripe::Token *token : matching)
            m_impl->revoke(gateway.id, *tokens, stripe.tokens, *token);
        count += matching.size();
    }
    return count;
}

void ReservationTable::forget(const GatewayId &gateway)
{
    {
        const std::unique_lock lock(m_impl->mutex);
        m_impl->gateways.erase(gateway);
    }
    if (m_impl->observer)
        m_impl->observer->forgotten(gateway);
}

size_t ReservationTable::open(const GatewayId &gateway) const
{
    const auto tokens = m_impl->find(gateway);
    return tokens ? tokens->open.load() : 0;
}

void ReservationTable::expire()
{
    const WallTime now = m_impl->clock.wall();
    for (const auto &tokens : m_impl->all()) {
        for (LockedStripe &stripe : tokens->stripes) {
            TokenStripe::Expired expired;
            do {
                const std::lock_guard lock(stripe.mutex);
                expired = stripe.tokens.expire(now, expiredPerLock);
                tokens->open -= expired.live;
            } while (expired.more);
        }
    }
}

void ReservationTable::restore(const GatewayId &gateway, const Reservation &reservation)
{
    const auto tokens = m_impl->findOrMake(gateway);
    LockedStripe &stripe = tokens->stripeOf(reservation.tokenId);
    const std::lock_guard lock(stripe.mutex);
    if (stripe.tokens.insert(reservation, TokenState::Open))
        ++tokens->open;
}

void ReservationTable::restoreEnded(const GatewayId &gateway, const std::string &tokenId, WallTime expiresAt)
{
    const auto tokens = m_impl->findOrMake(gateway);
    LockedStripe &stripe = tokens->stripeOf(tokenId);
    const std::lock_guard lock(stripe.mutex);
    Reservation ended;
    ended.tokenId = tokenId;
    ended.expiresAt = expiresAt;
    if (stripe.tokens.insert(ended, TokenState::Ended))
        return;
    const TokenStripe::Token *token = stripe.tokens.find(tokenId);
    if (token->state() != TokenState::Ended) {
        stripe.tokens.end(*token);
        --tokens->open;
    }
}

} // namespace mws
