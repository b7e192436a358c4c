#include "identity/jwt_claims.h"

#include "identity/jose_owners.h"

#include <algorithm>
#include <cctype>
#include <chrono>

namespace mws {

namespace {

constexpr json_int_t latestSecond = 9000000000; // the year 2255: within a WallTime of nanoseconds
constexpr size_t longestSubject = 256;
constexpr std::string_view defaultGroupType = "usergroups";

Unexpected refused(std::string detail)
{
    return Unexpected(ErrorCode::AuthenticationNeeded, std::move(detail));
}

Unexpected wrongClaim(std::string_view claim)
{
    return refused("The access token's claim " + std::string(claim) + " is missing or wrong");
}

bool equalsIgnoringCase(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// A text that may stand in a tag: not empty, not too long, no control characters.
bool isName(std::optional<std::string_view> text)
{
    return text && !text->empty() && text->size() <= longestSubject &&
           std::none_of(text->begin(), text->end(), [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

/// A NumericDate (RFC 7519 §2) of whole seconds.
std::optional<WallTime> timeOf(const json_t *value)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > latestSecond)
        return std::nullopt;
    return WallTime(std::chrono::seconds(json_integer_value(value)));
}

Result<void> checkTimes(const json_t *claims, std::chrono::seconds leeway, WallTime now)
{
    const auto expiresAt = timeOf(json_object_get(claims, "exp"));
    if (!expiresAt)
        return wrongClaim("exp");
    if (now >= *expiresAt + leeway)
        return refused("The access token has expired");
    if (const json_t *value = json_object_get(claims, "nbf")) {
        const auto notBefore = timeOf(value);
        if (!notBefore)
            return wrongClaim("nbf");
        if (now + leeway < *notBefore)
            return refused("The access token is not valid yet");
    }
    const json_t *issuedAt = json_object_get(claims, "iat"); // just for information
    return issuedAt && !json_is_number(issuedAt) ? wrongClaim("iat") : Result<void>();
}

/// RFC 7519 §4.1.3: a text or a list of texts. Nothing if it is neither.
std::optional<std::vector<std::string_view>> audiencesOf(const json_t *value)
{
    std::vector<std::string_view> names;
    if (const auto one = joseText(value)) {
        names.push_back(*one);
        return names;
    }
    if (!json_is_array(value))
        return std::nullopt;
    for (size_t i = 0; i < json_array_size(value); ++i) {
        const auto name = joseText(json_array_get(value, i));
        if (!name)
            return std::nullopt;
        names.push_back(*name);
    }
    return names;
}

Result<void> checkAudience(const json_t *value, const std::vector<std::string> &accepted)
{
    const auto named = value ? audiencesOf(value) : std::vector<std::string_view>();
    if (!named)
        return wrongClaim("aud");
    const auto isAccepted = [&accepted](std::string_view name) {
        return std::find(accepted.begin(), accepted.end(), name) != accepted.end();
    };
    const bool good = isAccepted("*") || (!value && accepted.empty()) ||
                      std::any_of(named->begin(), named->end(), isAccepted);
    return good ? Result<void>()
                : refused("The access token is for another audience than jwt_audience names");
}

/// Nothing if it is neither a text nor `{"id", "objectType"}`.
std::optional<std::string> groupSubject(const json_t *group)
{
    if (const auto text = joseText(group); isName(text))
        return std::string(*text);
    const auto id = joseText(json_object_get(group, "id"));
    const json_t *type = json_object_get(group, "objectType");
    const bool hasType = type && !json_is_null(type);
    if (!isName(id) || (hasType && !isName(joseText(type))))
        return std::nullopt;
    std::string subject(hasType ? *joseText(type) : defaultGroupType);
    return subject.append(".").append(*id);
}

Result<std::vector<std::string>> groupsOf(const json_t *claims)
{
    const char *name = json_object_get(claims, "usergroups") ? "usergroups" : "groups";
    const json_t *list = json_object_get(claims, name);
    std::vector<std::string> groups;
    if (!list || json_is_null(list))
        return groups;
    if (!json_is_array(list))
        return wrongClaim(name);
    for (size_t i = 0; i < json_array_size(list); ++i) {
        std::optional<std::string> subject = groupSubject(json_array_get(list, i));
        if (!subject)
            return wrongClaim(name);
        groups.push_back(*std::move(subject));
    }
    return groups;
}

} // namespace

Result<JwtHeader> readJwtHeader(std::string_view json)
{
    const JoseJson header = parseJoseObject(json);
    if (!header)
        return refused("The access token's header is not a JSON object, or a member is there twice");
    const auto algorithm = jwtAlgorithmNamed(joseText(json_object_get(header.get(), "alg")).value_or(""));
    if (!algorithm)
        return refused("The access token's algorithm is none of HS256, RS256 and ES256");
    const json_t *type = json_object_get(header.get(), "typ");
    const std::string_view typeName = joseText(type).value_or("");
    if (type && !equalsIgnoringCase(typeName, "JWT") && !equalsIgnoringCase(typeName, "at+jwt") &&
        !equalsIgnoringCase(typeName, "application/at+jwt"))
        return refused("The access token's type is not JWT");
    for (const char *name : {"crit", "b64", "cty", "enc", "zip"})
        if (json_object_get(header.get(), name))
            return refused("The access token uses what is not known: " + std::string(name));
    const json_t *id = json_object_get(header.get(), "kid");
    if (id && (!json_is_string(id) || json_string_length(id) > maxKeyIdBytes))
        return refused("The access token's kid is not a short text");
    return JwtHeader{*algorithm, std::string(joseText(id).value_or(""))};
}

Result<Identity> readJwtClaims(std::string_view json, const JwtProvider &rules, WallTime now)
{
    const JoseJson claims = parseJoseObject(json);
    if (!claims)
        return refused("The access token's claims are not a JSON object, or one is there twice");
    if (const auto times = checkTimes(claims.get(), rules.leeway, now); !times)
        return Unexpected(times.error());
    const json_t *issuer = json_object_get(claims.get(), "iss");
    if ((issuer && !json_is_string(issuer)) || (!rules.issuer.empty() && joseText(issuer) != rules.issuer))
        return refused("The access token is from another issuer than jwt_issuer names");
    if (const auto audience = checkAudience(json_object_get(claims.get(), "aud"), rules.audience); !audience)
        return Unexpected(audience.error());
    Identity identity;
    if (const json_t *subject = json_object_get(claims.get(), "sub")) {
        if (!isName(joseText(subject)))
            return wrongClaim("sub");
        identity.userId = *joseText(subject);
    }
    auto groups = groupsOf(claims.get());
    if (!groups)
        return Unexpected(groups.error());
    identity.groups = *std::move(groups);
    return identity;
}

} // namespace mws
