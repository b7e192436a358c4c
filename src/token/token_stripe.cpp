#include "token/token_stripe.h"

#include <algorithm>

namespace mws {

namespace {

int64_t secondsOf(WallTime time)
{
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

} // namespace

TokenStripe::Token::Token(const Reservation &reservation, TokenState state)
    : m_issuedAt(secondsOf(reservation.issuedAt)),
      m_expiresAt(secondsOf(reservation.expiresAt)),
      m_state(state),
      m_reuse(reservation.reuse)
{
    if (state != TokenState::Ended)
        m_live.reset(new Live{reservation.socketId, reservation.user, reservation.tags});
}

bool TokenStripe::Token::hasTag(std::string_view tag) const
{
    return m_live && std::find(m_live->tags.begin(), m_live->tags.end(), tag) != m_live->tags.end();
}

const TokenStripe::Token *TokenStripe::insert(const Reservation &reservation, TokenState state)
{
    const auto [it, added] = m_tokens.try_emplace(reservation.tokenId, reservation, state);
    if (!added)
        return nullptr;
    Token &token = it->second;
    token.m_id = &it->first;
    m_byExpiry[token.m_expiresAt].push_back(&token);
    if (token.m_live)
        m_live.insert(&token);
    return &token;
}

const TokenStripe::Token *TokenStripe::find(const std::string &tokenId) const
{
    const auto it = m_tokens.find(tokenId);
    return it == m_tokens.end() ? nullptr : &it->second;
}

const TokenStripe::Token *TokenStripe::findSocket(const SocketId &id) const
{
    const auto it = m_live.find(id);
    return it == m_live.end() ? nullptr : *it;
}

std::vector<const TokenStripe::Token *>
TokenStripe::live(const std::function<bool(const Token &)> &wanted) const
{
    std::vector<const Token *> result;
    std::copy_if(m_live.begin(), m_live.end(), std::back_inserter(result),
                 [&wanted](const Token *token) { return wanted(*token); });
    return result;
}

void TokenStripe::setState(const Token &token, TokenState state)
{
    m_tokens.find(token.id())->second.m_state = state;
}

void TokenStripe::end(const Token &token)
{
    unlist(&token);
    Token &changed = m_tokens.find(token.id())->second;
    changed.m_state = TokenState::Ended;
    changed.m_live.reset();
}

TokenStripe::Expired TokenStripe::expire(WallTime now, size_t limit)
{
    Expired result;
    const int64_t second = secondsOf(now);
    while (!m_byExpiry.empty() && m_byExpiry.begin()->first <= second) {
        std::vector<const Token *> &due = m_byExpiry.begin()->second;
        for (; !due.empty() && limit > 0; --limit, due.pop_back()) {
            const Token *token = due.back();
            if (token->m_live) {
                unlist(token);
                ++result.live;
            }
            m_tokens.erase(m_tokens.find(token->id()));
        }
        if (!due.empty()) {
            result.more = true;
            return result;
        }
        m_byExpiry.erase(m_byExpiry.begin());
    }
    return result;
}

void TokenStripe::unlist(const Token *token)
{
    const auto [first, last] = m_live.equal_range(token);
    m_live.erase(std::find(first, last, token));
}

} // namespace mws
