#pragma once

#include <string_view>

namespace mws {

// What a text in the configuration must be. Each answers nothing if `text` is that, else what was expected.
// Texts are UTF-8; control characters are never allowed.

std::string_view expectAddress(std::string_view text);     ///< numeric IPv4 or IPv6
std::string_view expectUrl(std::string_view text);         ///< http or https, no user, query or fragment
std::string_view expectHost(std::string_view text);        ///< host name or address, perhaps with a port
std::string_view expectGatewayId(std::string_view text);   ///< see isGatewayId()
std::string_view expectName(std::string_view text);        ///< up to 200 bytes
std::string_view expectHeaderValue(std::string_view text); ///< visible ASCII; tokens too
std::string_view expectSubject(std::string_view text);     ///< `*` or objectType.id
std::string_view expectOrigin(std::string_view text);      ///< `*`, `null`, RFC 6454 §6.2, `scheme://*.host`
std::string_view expectSubprotocol(std::string_view text); ///< `*` or a token of RFC 9110 §5.6.2
std::string_view expectTag(std::string_view text);         ///< not empty

} // namespace mws
