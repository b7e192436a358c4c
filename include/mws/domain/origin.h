#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// A web origin (RFC 6454 §4), or in a list the pattern `scheme://*.host`.
struct OriginParts
{
    std::string scheme; ///< lower case
    std::string host;   ///< lower case; of a pattern what stands behind `*.`; an IPv6 address in brackets
    int32_t port = -1;  ///< that of the scheme where none is written (http 80, https 443), else -1
    bool below = false; ///< a pattern: every host below `host`
    friend bool operator==(const OriginParts &, const OriginParts &) = default;
};

/// Reads what RFC 6454 §6.2 writes, in any case: scheme, host and perhaps a port, and nothing else: no user,
/// path or slash at the end, no empty label, dot at the end, leading zero of a port, or character outside of
/// ASCII.
std::optional<OriginParts> parseOrigin(std::string_view text);
/// The same, or a pattern. `*` stands for whole labels at the front, at least one.
std::optional<OriginParts> parseOriginPattern(std::string_view text);

/// True if a browser's page of `origin` may use a gateway with this list: `*` or an empty list allows any;
/// `null` needs one of these or its name; else the origin itself, or a pattern: `https://*.example.com`
/// stands for every host below example.com, but not for example.com. Without a port both sides mean the
/// scheme's own. Neither has a wildcard for scheme or port.
bool originAllowed(const std::vector<std::string> &allowed, std::string_view origin);

} // namespace mws
