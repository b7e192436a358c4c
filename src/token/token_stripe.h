#pragma once

#include "mws/base/clock.h"
#include "mws/domain/reservation.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace mws {

enum class TokenState : uint8_t {
    Open,  ///< may be claimed
    InUse, ///< held, or claimed and to be given back (`reuse`)
    Ended, ///< spent or revoked, until it expires
};

/// Some tokens of one gateway, by id, with those that are not ended also by socket id, and all in the order
/// in which they expire. A part of ReservationTable.
/// Thread: one at a time, under the owner's mutex.
class TokenStripe
{
public:
    /// One token; of an ended one only the id and the expiry are kept.
    class Token
    {
    public:
        Token(const Reservation &reservation, TokenState state);
        TokenState state() const { return m_state; }
        bool reuse() const { return m_reuse; }
        const std::string &id() const { return *m_id; }
        std::string_view user() const { return m_live ? std::string_view(m_live->user) : std::string_view(); }
        bool hasTag(std::string_view tag) const;
        WallTime issuedAt() const { return WallTime(std::chrono::seconds(m_issuedAt)); }
        WallTime expiresAt() const { return WallTime(std::chrono::seconds(m_expiresAt)); }

    private:
        friend class TokenStripe;
        /// What is asked of a token only while it is not ended.
        struct Live
        {
            SocketId socketId;
            std::string user;
            std::vector<Tag> tags;
        };
        const std::string *m_id = nullptr; ///< the key in m_tokens
        std::unique_ptr<Live> m_live;      ///< null once ended
        int64_t m_issuedAt;                ///< seconds, as in a Reservation
        int64_t m_expiresAt;
        TokenState m_state;
        bool m_reuse;
    };

    /// Null, and nothing changes, if there is one of that id. The pointer is good until it expires.
    const Token *insert(const Reservation &reservation, TokenState state);
    const Token *find(const std::string &tokenId) const;
    /// A token of that socket that is not ended; null if there is none.
    const Token *findSocket(const SocketId &id) const;
    /// Those that are not ended and for which `wanted` is true. Cost: linear in those that are not ended.
    std::vector<const Token *> live(const std::function<bool(const Token &)> &wanted) const;

    /// Between Open and InUse.
    void setState(const Token &token, TokenState state);
    /// Marks it as spent or revoked. Precondition: it is not.
    void end(const Token &token);

    struct Expired
    {
        size_t live = 0;   ///< dropped ones that were not ended
        bool more = false; ///< call again
    };
    /// Drops at most `limit` tokens that have expired. Cost: linear in those dropped.
    Expired expire(WallTime now, size_t limit);

private:
    struct SocketHash
    {
        using is_transparent = void;
        size_t operator()(const SocketId &id) const { return std::hash<SocketId>{}(id); }
        size_t operator()(const Token *token) const { return operator()(token->m_live->socketId); }
    };
    struct SameSocket
    {
        using is_transparent = void;
        static const SocketId &idOf(const SocketId &id) { return id; }
        static const SocketId &idOf(const Token *token) { return token->m_live->socketId; }
        template <typename A, typename B>
        bool operator()(const A &a, const B &b) const
        {
            return idOf(a) == idOf(b);
        }
    };

    void unlist(const Token *token);

    std::unordered_map<std::string, Token> m_tokens;
    std::unordered_multiset<const Token *, SocketHash, SameSocket> m_live;
    std::map<int64_t, std::vector<const Token *>> m_byExpiry; ///< by second
};

} // namespace mws
