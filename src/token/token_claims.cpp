#include "token/token_claims.h"

#include <cmath>
#include <jansson.h>
#include <memory>
#include <optional>

namespace mws {

namespace {

constexpr std::string_view issuer = "mws";
constexpr size_t longestUser = 256;
constexpr size_t longestTokenId = 64;
/// Above any time that is meant (the year 2255), and still within a WallTime of nanoseconds.
constexpr double latestSecond = 9e9;

struct JsonRelease
{
    void operator()(json_t *value) const { json_decref(value); }
};
using Json = std::unique_ptr<json_t, JsonRelease>;

struct TextRelease
{
    void operator()(char *text) const { free(text); }
};

Unexpected refused(std::string detail)
{
    return Unexpected(ErrorCode::InvalidToken, std::move(detail));
}

Unexpected wrongClaim(std::string_view claim)
{
    return refused("The token's claim " + std::string(claim) + " is missing or wrong");
}

Json parseObject(std::string_view json)
{
    Json value(json_loadb(json.data(), json.size(), JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, nullptr));
    return json_is_object(value.get()) ? std::move(value) : nullptr;
}

Json jsonText(std::string_view text)
{
    return Json(json_stringn(text.data(), text.size()));
}

/// Nothing if `value` is null or no string.
std::optional<std::string_view> textOf(const json_t *value)
{
    if (!json_is_string(value))
        return std::nullopt;
    return std::string_view(json_string_value(value), json_string_length(value));
}

std::optional<std::string_view> textClaim(const json_t *claims, const char *name)
{
    return textOf(json_object_get(claims, name));
}

/// A NumericDate (RFC 7519 §2); fractions of a second are cut off.
std::optional<WallTime> timeClaim(const json_t *claims, const char *name)
{
    const json_t *value = json_object_get(claims, name);
    if (!json_is_number(value))
        return std::nullopt;
    const double seconds = json_number_value(value);
    if (!(seconds >= 0 && seconds <= latestSecond))
        return std::nullopt;
    return WallTime(std::chrono::seconds(int64_t(std::floor(seconds))));
}

std::string_view nameOf(ClientMessages policy)
{
    return policy == ClientMessages::Echo ? "echo" : "ignore";
}

std::optional<ClientMessages> policyNamed(std::string_view name)
{
    for (const ClientMessages policy : {ClientMessages::Ignore, ClientMessages::Echo})
        if (nameOf(policy) == name)
            return policy;
    return std::nullopt;
}

Result<std::vector<Tag>> readTags(const json_t *value, const Limits &limits)
{
    if (!json_is_array(value))
        return wrongClaim("tags");
    if (json_array_size(value) > limits.tagsPerSocket)
        return refused("The token has more tags than a socket may have");
    std::vector<Tag> tags;
    tags.reserve(json_array_size(value));
    size_t bytes = 0;
    for (size_t i = 0; i < json_array_size(value); ++i) {
        const auto tag = textOf(json_array_get(value, i));
        if (!tag)
            return wrongClaim("tags");
        bytes += tag->size();
        if (tag->size() > limits.tagLength || bytes > limits.tagBytes)
            return refused("The token's tags are too long");
        tags.emplace_back(*tag);
    }
    return tags;
}

/// `iss`, `gw`, `sid`, `jti`: whose token, and for what.
Result<void> readNames(const json_t *claims, const GatewayId &gateway, Reservation &reservation)
{
    if (textClaim(claims, "iss") != issuer)
        return wrongClaim("iss");
    if (textClaim(claims, "gw") != gateway)
        return refused("The token is not for this gateway");
    const auto socketId = SocketId::parse(textClaim(claims, "sid").value_or(""));
    if (!socketId)
        return wrongClaim("sid");
    const std::string_view tokenId = textClaim(claims, "jti").value_or("");
    if (tokenId.empty() || tokenId.size() > longestTokenId)
        return wrongClaim("jti");
    reservation.socketId = *socketId;
    reservation.tokenId = tokenId;
    return {};
}

Result<void> readTimes(const json_t *claims, WallTime now, Reservation &reservation)
{
    const auto issuedAt = timeClaim(claims, "iat");
    const auto expiresAt = timeClaim(claims, "exp");
    if (!issuedAt || !expiresAt)
        return wrongClaim(issuedAt ? "exp" : "iat");
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
Result<void> readOptions(const json_t *claims, Reservation &reservation)
{
    if (const json_t *value = json_object_get(claims, "sub")) {
        const auto user = textOf(value);
        if (!user || user->size() > longestUser)
            return wrongClaim("sub");
        reservation.user = *user;
    }
    if (const json_t *value = json_object_get(claims, "cm")) {
        reservation.clientMessages = policyNamed(textOf(value).value_or(""));
        if (!reservation.clientMessages)
            return wrongClaim("cm");
    }
    if (const json_t *value = json_object_get(claims, "ru")) {
        if (!json_is_boolean(value))
            return wrongClaim("ru");
        reservation.reuse = json_is_true(value);
    }
    return {};
}

/// Adds a member to `object`; nothing if `value` is null, which fails `complete`.
class ObjectWriter
{
public:
    void add(const char *name, Json value)
    {
        m_complete &= json_object_set_new(m_object.get(), name, value.release()) == 0;
    }
    std::optional<std::string> text() const
    {
        if (!m_complete)
            return std::nullopt;
        const std::unique_ptr<char, TextRelease> text(json_dumps(m_object.get(), JSON_COMPACT));
        return text ? std::optional<std::string>(text.get()) : std::nullopt;
    }

private:
    Json m_object{json_object()};
    bool m_complete = true;
};

Json jsonTime(WallTime time)
{
    const auto sinceEpoch = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch();
    return Json(json_integer(sinceEpoch.count()));
}

} // namespace

Result<void> checkTokenHeader(std::string_view json)
{
    const Json header = parseObject(json);
    if (!header)
        return refused("The token's header is not a JSON object");
    if (textClaim(header.get(), "alg") != "HS256")
        return refused("The token's algorithm is not HS256");
    const json_t *type = json_object_get(header.get(), "typ");
    if (type && textOf(type) != "JWT")
        return refused("The token's type is not JWT");
    if (json_object_get(header.get(), "crit"))
        return refused("The token asks for extensions that are not known");
    return {};
}

Result<std::string> writeClaims(const GatewayId &gateway, const Reservation &reservation)
{
    Json tags(json_array());
    for (size_t i = 0; i < reservation.tags.size(); ++i)
        if (json_array_append_new(tags.get(), jsonText(reservation.tags[i]).release()) != 0)
            return Unexpected(ErrorCode::InvalidData, "The tag is not UTF-8",
                              "tags[" + std::to_string(i) + "]");
    ObjectWriter claims;
    claims.add("iss", jsonText(issuer));
    claims.add("gw", jsonText(gateway));
    claims.add("sid", jsonText(reservation.socketId.view()));
    claims.add("tags", std::move(tags));
    if (!reservation.user.empty())
        claims.add("sub", jsonText(reservation.user));
    if (reservation.clientMessages)
        claims.add("cm", jsonText(nameOf(*reservation.clientMessages)));
    if (reservation.reuse)
        claims.add("ru", Json(json_true()));
    claims.add("iat", jsonTime(reservation.issuedAt));
    claims.add("exp", jsonTime(reservation.expiresAt));
    claims.add("jti", jsonText(reservation.tokenId));
    std::optional<std::string> text = claims.text();
    if (!text)
        return Unexpected(ErrorCode::InvalidData, "The user is not UTF-8", "user");
    return std::move(*text);
}

Result<Reservation> readClaims(const Gateway &gateway, std::string_view json, WallTime now)
{
    const Json claims = parseObject(json);
    if (!claims)
        return refused("The token's claims are not a JSON object, or one is there twice");
    Reservation reservation;
    if (auto names = readNames(claims.get(), gateway.id, reservation); !names)
        return Unexpected(names.error());
    if (auto times = readTimes(claims.get(), now, reservation); !times)
        return Unexpected(times.error());
    auto tags = readTags(json_object_get(claims.get(), "tags"), gateway.settings.limits);
    if (!tags)
        return Unexpected(tags.error());
    reservation.tags = std::move(*tags);
    if (auto options = readOptions(claims.get(), reservation); !options)
        return Unexpected(options.error());
    return reservation;
}

GatewayId readGatewayClaim(std::string_view json)
{
    const Json claims = parseObject(json);
    const std::optional<std::string_view> gateway = textClaim(claims.get(), "gw");
    return gateway ? GatewayId(*gateway) : GatewayId();
}

} // namespace mws
