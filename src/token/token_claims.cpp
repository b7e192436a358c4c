#include "token/token_claims.h"

#include "json/json_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace mws {

namespace {

constexpr std::string_view issuer = "mws";
constexpr size_t longestUser = 256;
constexpr size_t longestTokenId = 64;
/// Above any time that is meant (the year 2255), and still within a WallTime of nanoseconds.
constexpr double latestSecond = 9e9;

Unexpected refused(std::string detail)
{
    return Unexpected(ErrorCode::InvalidToken, std::move(detail));
}

Unexpected wrongClaim(std::string_view claim)
{
    return refused("The token's claim " + std::string(claim) + " is missing or wrong");
}

/// Its buffers are kept from token to token.
JsonReader &reader()
{
    static thread_local JsonReader instance;
    return instance;
}

/// One member as it was found. The text lives until the reader reads again.
struct Claim
{
    JsonKind kind = JsonKind::Null;
    std::string_view text; ///< of a string unescaped, else as written
    bool present = false;

    std::optional<std::string_view> string() const
    {
        return present && kind == JsonKind::String ? std::optional(text) : std::nullopt;
    }

    /// False for JSON that is broken.
    bool read(JsonValue &value)
    {
        present = true;
        kind = value.kind();
        if (kind != JsonKind::String) {
            const auto written = value.readText();
            text = written.value_or("");
            return written.has_value();
        }
        const auto found = value.readString();
        text = found ? found->value : std::string_view();
        return found.has_value();
    }
};

/// The members of an object that somebody asks for, and the names of all.
template <size_t count>
class Members
{
public:
    explicit Members(const std::array<std::string_view, count> &names) : m_names(names) {}

    bool read(std::string_view key, JsonValue &value)
    {
        m_found.push_back(key);
        const auto at = std::find(m_names.begin(), m_names.end(), key);
        return at == m_names.end() || m_claims[size_t(at - m_names.begin())].read(value);
    }

    const Claim &operator[](size_t index) const { return m_claims[index]; }

    /// RFC 7519 §4: none may occur twice.
    bool areDistinct()
    {
        std::sort(m_found.begin(), m_found.end());
        return std::adjacent_find(m_found.begin(), m_found.end()) == m_found.end();
    }

private:
    const std::array<std::string_view, count> &m_names;
    std::array<Claim, count> m_claims;
    std::vector<std::string_view> m_found;
};

enum ClaimIndex : size_t {
    Issuer,
    ForGateway,
    Socket,
    TokenId,
    IssuedAt,
    ExpiresAt,
    User,
    Policy,
    Reuse,
    Tags,
};
constexpr std::array<std::string_view, 10> claimNames{"iss", "gw",  "sid", "jti", "iat",
                                                      "exp", "sub", "cm",  "ru",  "tags"};

/// All that a token claims.
struct Claims : Members<claimNames.size()>
{
    Claims() : Members(claimNames) {}

    bool read(std::string_view key, JsonValue &value)
    {
        if (key != claimNames[Tags] || value.kind() != JsonKind::Array)
            return Members::read(key, value);
        return value.eachElement([this](size_t, JsonValue &element) {
            Claim tag;
            const bool read = tag.read(element);
            tagsAreStrings &= tag.kind == JsonKind::String;
            tags.push_back(tag.text);
            return read;
        }) && Members::read(key, value);
    }

    std::vector<std::string_view> tags;
    bool tagsAreStrings = true;
};

/// A NumericDate (RFC 7519 §2); fractions of a second are cut off.
std::optional<WallTime> timeOf(const Claim &claim)
{
    if (!claim.present || claim.kind != JsonKind::Number)
        return std::nullopt;
    double seconds = 0;
    const char *end = claim.text.data() + claim.text.size();
    if (std::from_chars(claim.text.data(), end, seconds).ec != std::errc() ||
        !(seconds >= 0 && seconds <= latestSecond))
        return std::nullopt;
    return WallTime(std::chrono::seconds(int64_t(std::floor(seconds))));
}

Result<std::vector<Tag>> readTags(const Claims &claims, const Limits &limits)
{
    if (claims[Tags].kind != JsonKind::Array || !claims.tagsAreStrings)
        return wrongClaim(claimNames[Tags]);
    if (claims.tags.size() > limits.tagsPerSocket)
        return refused("The token has more tags than a socket may have");
    size_t bytes = 0;
    for (const std::string_view tag : claims.tags) {
        bytes += tag.size();
        if (tag.size() > limits.tagLength || bytes > limits.tagBytes)
            return refused("The token's tags are too long");
    }
    return std::vector<Tag>(claims.tags.begin(), claims.tags.end());
}

/// `iss`, `gw`, `sid`, `jti`: whose token, and for what.
Result<void> readNames(const Claims &claims, const GatewayId &gateway, Reservation &reservation)
{
    if (claims[Issuer].string() != issuer)
        return wrongClaim(claimNames[Issuer]);
    if (claims[ForGateway].string() != gateway)
        return refused("The token is not for this gateway");
    const auto socketId = SocketId::parse(claims[Socket].string().value_or(""));
    if (!socketId)
        return wrongClaim(claimNames[Socket]);
    const std::string_view tokenId = claims[TokenId].string().value_or("");
    if (tokenId.empty() || tokenId.size() > longestTokenId)
        return wrongClaim(claimNames[TokenId]);
    reservation.socketId = *socketId;
    reservation.tokenId = tokenId;
    return {};
}

Result<void> readTimes(const Claims &claims, WallTime now, Reservation &reservation)
{
    const auto issuedAt = timeOf(claims[IssuedAt]);
    const auto expiresAt = timeOf(claims[ExpiresAt]);
    if (!issuedAt || !expiresAt)
        return wrongClaim(claimNames[issuedAt ? ExpiresAt : IssuedAt]);
    if (*expiresAt <= now)
        return refused("The token has expired");
    if (*issuedAt > now + tokenLeeway)
        return refused("The token was issued in the future");
    if (*expiresAt > *issuedAt + longestTokenLife + tokenLeeway)
        return refused("The token lives for more than 24 hours");
    reservation.issuedAt = *issuedAt;
    reservation.expiresAt = *expiresAt;
    return {};
}

/// `sub`, `cm`, `ru`: each may be absent.
Result<void> readOptions(const Claims &claims, Reservation &reservation)
{
    if (claims[User].present) {
        const auto user = claims[User].string();
        if (!user || user->size() > longestUser)
            return wrongClaim(claimNames[User]);
        reservation.user = *user;
    }
    if (claims[Policy].present) {
        reservation.clientMessages = clientMessagesNamed(claims[Policy].string().value_or(""));
        if (!reservation.clientMessages)
            return wrongClaim(claimNames[Policy]);
    }
    if (claims[Reuse].present) {
        if (claims[Reuse].kind != JsonKind::Boolean)
            return wrongClaim(claimNames[Reuse]);
        reservation.reuse = claims[Reuse].text == "true";
    }
    return {};
}

/// The text of an object, member by member.
class ObjectWriter
{
public:
    void text(std::string_view name, std::string_view value)
    {
        key(name);
        appendJsonString(m_text, value);
    }
    void raw(std::string_view name, std::string_view json)
    {
        key(name);
        m_text.append(json);
    }
    void time(std::string_view name, WallTime value)
    {
        const auto sinceEpoch = std::chrono::floor<std::chrono::seconds>(value).time_since_epoch();
        raw(name, std::to_string(sinceEpoch.count()));
    }
    std::string finish() { return std::move(m_text.append("}")); }

private:
    void key(std::string_view name)
    {
        m_text.push_back(m_text.empty() ? '{' : ',');
        appendJsonString(m_text, name);
        m_text.push_back(':');
    }

    std::string m_text;
};

Result<std::string> tagList(const std::vector<Tag> &tags)
{
    std::string list = "[";
    for (size_t i = 0; i < tags.size(); ++i) {
        if (!isUtf8(tags[i]))
            return Unexpected(ErrorCode::InvalidData, "The tag is not UTF-8",
                              "tags[" + std::to_string(i) + "]");
        if (i > 0)
            list.push_back(',');
        appendJsonString(list, tags[i]);
    }
    list.push_back(']');
    return list;
}

} // namespace

Result<void> checkTokenHeader(std::string_view json)
{
    enum HeaderIndex : size_t { Algorithm, Type, Critical };
    static constexpr std::array<std::string_view, 3> names{"alg", "typ", "crit"};
    Members<names.size()> header(names);
    const auto read = reader().readObject(
        json, [&header](std::string_view key, JsonValue &value) { return header.read(key, value); });
    if (!read || !header.areDistinct())
        return refused("The token's header is not a JSON object");
    if (header[Algorithm].string() != "HS256")
        return refused("The token's algorithm is not HS256");
    if (header[Type].present && header[Type].string() != "JWT")
        return refused("The token's type is not JWT");
    if (header[Critical].present)
        return refused("The token asks for extensions that are not known");
    return {};
}

Result<std::string> writeClaims(const GatewayId &gateway, const Reservation &reservation)
{
    const Result<std::string> tags = tagList(reservation.tags);
    if (!tags)
        return Unexpected(tags.error());
    if (!isUtf8(reservation.user))
        return Unexpected(ErrorCode::InvalidData, "The user is not UTF-8", "user");
    if (!isUtf8(reservation.tokenId))
        return Unexpected(ErrorCode::InvalidData, "The token's id is not UTF-8", "jti");
    ObjectWriter claims;
    claims.text(claimNames[Issuer], issuer);
    claims.text(claimNames[ForGateway], gateway);
    claims.text(claimNames[Socket], reservation.socketId.view());
    claims.raw(claimNames[Tags], *tags);
    if (!reservation.user.empty())
        claims.text(claimNames[User], reservation.user);
    if (reservation.clientMessages)
        claims.text(claimNames[Policy], nameOf(*reservation.clientMessages));
    if (reservation.reuse)
        claims.raw(claimNames[Reuse], "true");
    claims.time(claimNames[IssuedAt], reservation.issuedAt);
    claims.time(claimNames[ExpiresAt], reservation.expiresAt);
    claims.text(claimNames[TokenId], reservation.tokenId);
    return claims.finish();
}

Result<Reservation> readClaims(const Gateway &gateway, std::string_view json, WallTime now)
{
    Claims claims;
    const auto read = reader().readObject(
        json, [&claims](std::string_view key, JsonValue &value) { return claims.read(key, value); });
    if (!read || !claims.areDistinct())
        return refused("The token's claims are not a JSON object, or one is there twice");
    Reservation reservation;
    if (auto names = readNames(claims, gateway.id, reservation); !names)
        return Unexpected(names.error());
    if (auto times = readTimes(claims, now, reservation); !times)
        return Unexpected(times.error());
    auto tags = readTags(claims, gateway.settings.limits);
    if (!tags)
        return Unexpected(tags.error());
    reservation.tags = std::move(*tags);
    if (auto options = readOptions(claims, reservation); !options)
        return Unexpected(options.error());
    return reservation;
}

GatewayId readGatewayClaim(std::string_view json)
{
    Claims claims;
    const auto read = reader().readObject(
        json, [&claims](std::string_view key, JsonValue &value) { return claims.read(key, value); });
    return read && claims.areDistinct() ? GatewayId(claims[ForGateway].string().value_or("")) : GatewayId();
}

} // namespace mws
