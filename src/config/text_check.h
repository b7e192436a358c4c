#pragma once

#include <string>
#include <string_view>

namespace mws {

/// `text` for a message of one line: control characters are written as TOML would, `\u000a`.
std::string onOneLine(std::string_view text);

// What a text in the configuration must be. Each answers nothing if `text` is that, else what was expected.
// Texts are UTF-8; control characters are never allowed.

std::string_view expectAddress(std::string_view text);       ///< numeric IPv4 or IPv6
std::string_view expectUrl(std::string_view text);           ///< http or https, no user, query or fragment
std::string_view expectHost(std::string_view text);          ///< host name or address, perhaps with a port
std::string_view expectGatewayId(std::string_view text);     ///< see isGatewayId()
std::string_view expectName(std::string_view text);          ///< up to 200 bytes
std::string_view expectHeaderValue(std::string_view text);   ///< visible ASCII; tokens too
std::string_view expectSecurityToken(std::string_view text); ///< see readSecurityToken()
std::string_view expectJwtSecret(std::string_view text);     ///< at least 32 bytes (RFC 7518 §3.2)
std::string_view expectJwtAlgorithm(std::string_view text);  ///< HS256, RS256, ES256
std::string_view expectFile(std::string_view text);          ///< a path
std::string_view expectKeyUrl(std::string_view text);        ///< http or https, no user or fragment
std::string_view expectEventUrl(std::string_view text);      ///< likewise
std::string_view expectKeySource(std::string_view text);     ///< a path or such a URL
std::string_view expectAudience(std::string_view text);      ///< not empty
std::string_view expectSubject(std::string_view text);       ///< `*` or objectType.id
std::string_view expectOrigin(std::string_view text);      ///< `*`, `null`, RFC 6454 §6.2, `scheme://*.host`
std::string_view expectSubprotocol(std::string_view text); ///< `*` or a token of RFC 9110 §5.6.2
std::string_view expectNetwork(std::string_view text);     ///< numeric address, perhaps with `/BITS`
std::string_view expectWebhookSecret(std::string_view text); ///< see webhookKey()
std::string_view expectEventType(std::string_view text);     ///< see EventType
std::string_view expectRedisHost(std::string_view text);     ///< host name or address without a port
std::string_view expectRedisPassword(std::string_view text); ///< any text of up to 1024 bytes
std::string_view expectTag(std::string_view text);           ///< not empty

} // namespace mws
