#include "mws/domain/origin.h"

#include <algorithm>

namespace mws {

namespace {

constexpr size_t longestHost = 253; // RFC 1035 §2.3.4
constexpr size_t longestLabel = 63;
constexpr int32_t largestPort = 65535;

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isAlphanumeric(char c)
{
    return isDigit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}

bool consistsOf(std::string_view text, std::string_view others)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [others](char c) {
        return isAlphanumeric(c) || others.find(c) != std::string_view::npos;
    });
}

/// Labels of letters, digits, `-` and `_` with single dots between them.
bool isHostName(std::string_view host)
{
    if (host.empty() || host.size() > longestHost)
        return false;
    while (true) {
        const std::string_view label = host.substr(0, host.find('.'));
        if (label.size() > longestLabel || !consistsOf(label, "-_"))
            return false;
        if (label.size() == host.size())
            return true;
        host.remove_prefix(label.size() + 1);
    }
}

bool isAddressInBrackets(std::string_view host)
{
    return host.size() > 2 && host.ends_with(']') &&
           std::all_of(host.begin() + 1, host.end() - 1, [](char c) {
               return isDigit(c) || (lower(c) >= 'a' && lower(c) <= 'f') || c == ':' || c == '.';
           });
}

int32_t defaultPort(std::string_view scheme)
{
    return scheme == "https" ? 443 : scheme == "http" ? 80 : -1;
}

/// Nothing if it is no port.
std::optional<int32_t> parsePort(std::string_view text)
{
    if (text.empty() || text.size() > 5 || text.front() == '0' ||
        !std::all_of(text.begin(), text.end(), isDigit))
        return std::nullopt;
    int32_t port = 0;
    for (const char c : text)
        port = port * 10 + (c - '0');
    return port <= largestPort ? std::optional(port) : std::nullopt;
}

std::string lowered(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

bool matches(const OriginParts &entry, const OriginParts &origin)
{
    if (entry.scheme != origin.scheme || entry.port != origin.port)
        return false;
    if (!entry.below)
        return entry.host == origin.host;
    return origin.host.size() > entry.host.size() + 1 && origin.host.ends_with('.' + entry.host);
}

} // namespace

std::optional<OriginParts> parseOrigin(std::string_view text)
{
    const size_t mark = text.find("://");
    if (mark == std::string_view::npos || !consistsOf(text.substr(0, mark), "+-.") || isDigit(text.front()))
        return std::nullopt;
    OriginParts parts;
    parts.scheme = lowered(text.substr(0, mark));
    parts.port = defaultPort(parts.scheme);
    std::string_view host = text.substr(mark + 3);
    const size_t bracket = host.starts_with('[') ? host.find(']') : 0;
    const size_t colon = host.find(':', std::min(bracket, host.size()));
    if (colon != std::string_view::npos) {
        const std::optional<int32_t> port = parsePort(host.substr(colon + 1));
        if (!port)
            return std::nullopt;
        parts.port = *port;
        host = host.substr(0, colon);
    }
    if (host.starts_with('[') ? !isAddressInBrackets(host) : !isHostName(host))
        return std::nullopt;
    parts.host = lowered(host);
    return parts;
}

std::optional<OriginParts> parseOriginPattern(std::string_view text)
{
    constexpr std::string_view star = "://*.";
    const size_t mark = text.find(star);
    if (mark == std::string_view::npos)
        return parseOrigin(text);
    std::optional<OriginParts> parts =
        parseOrigin(std::string(text.substr(0, mark + 3)).append(text.substr(mark + star.size())));
    if (!parts || parts->host.starts_with('['))
        return std::nullopt;
    parts->below = true;
    return parts;
}

bool originAllowed(const std::vector<std::string> &allowed, std::string_view origin)
{
    if (allowed.empty() || std::find(allowed.begin(), allowed.end(), "*") != allowed.end())
        return true;
    if (origin == "null")
        return std::find(allowed.begin(), allowed.end(), "null") != allowed.end();
    const std::optional<OriginParts> wanted = parseOrigin(origin);
    return wanted && std::any_of(allowed.begin(), allowed.end(), [&wanted](const std::string &text) {
               const std::optional<OriginParts> entry = parseOriginPattern(text);
               return entry && matches(*entry, *wanted);
           });
}

} // namespace mws
