#include "redis/redis_settings.h"

#include "base/number_text.h"

#include <algorithm>
#include <optional>

namespace mws {

namespace {

Unexpected bad(std::string what)
{
    return Unexpected(ErrorCode::InvalidData, std::move(what));
}

int digitOf(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = char(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Nothing if a `%` has no two hexadecimal digits behind it.
std::optional<std::string> decoded(std::string_view text)
{
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i]);
            continue;
        }
        if (text.size() - i < 3 || digitOf(text[i + 1]) < 0 || digitOf(text[i + 2]) < 0)
            return std::nullopt;
        out.push_back(char(digitOf(text[i + 1]) * 16 + digitOf(text[i + 2])));
        i += 2;
    }
    return out;
}

bool isHost(std::string_view host)
{
    return !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '.' ||
               c == '_';
    });
}

/// Perhaps with a zone (RFC 4007 §11).
bool isIpv6(std::string_view host)
{
    const size_t zone = std::min(host.find('%'), host.size());
    const std::string_view address = host.substr(0, zone);
    const bool digits = std::all_of(address.begin(), address.end(),
                                    [](char c) { return digitOf(c) >= 0 || c == ':' || c == '.'; });
    return digits && address.find(':') != std::string_view::npos &&
           (zone == host.size() || isHost(host.substr(zone + 1)));
}

/// `host`, `host:port`, `[IPv6]` or `[IPv6]:port`.
Result<RedisNode> parseNode(std::string_view text)
{
    RedisNode node;
    std::string_view port;
    if (text.starts_with('[')) {
        const size_t end = text.find(']');
        const std::string_view host = text.substr(1, end == std::string_view::npos ? end : end - 1);
        if (end == std::string_view::npos || !isIpv6(host))
            return bad("a host in brackets is not an IPv6 address");
        node.host = host;
        port = text.substr(end + 1);
    } else {
        const size_t colon = std::min(text.find(':'), text.size());
        const auto host = decoded(text.substr(0, colon));
        if (!host || !isHost(*host))
            return bad("a host is missing or is not a name or an address (IPv6 stands in brackets)");
        node.host = *host;
        port = text.substr(colon);
    }
    if (port.empty())
        return node;
    const auto number = numberOf<uint16_t>(port.substr(1));
    if (port.front() != ':' || !number || *number == 0)
        return bad("a port is not a number from 1 to 65535");
    node.port = *number;
    return node;
}

Result<void> parseUser(std::string_view text, RedisSettings &settings)
{
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos)
        return bad("a user without a password before the @: write user:password@, or :password@");
    const auto user = decoded(text.substr(0, colon));
    const auto password = decoded(text.substr(colon + 1));
    if (!user || !password)
        return bad("a % before the @ has no two hexadecimal digits behind it: write %25");
    if (password->empty())
        return bad("the password before the @ is empty");
    settings.user = *user;
    settings.password = *password;
    return {};
}

Result<void> parseNodes(std::string_view text, RedisSettings &settings)
{
    for (size_t at = 0; at <= text.size();) {
        const size_t end = std::min(text.find(',', at), text.size());
        auto node = parseNode(text.substr(at, end - at));
        if (!node)
            return Unexpected(node.error());
        settings.nodes.push_back(std::move(*node));
        at = end + 1;
    }
    return {};
}

/// Without the scheme.
Result<RedisSettings> parseRest(std::string_view text, RedisSettings settings)
{
    // The last one: who did not encode the @ of a password meant it.
    const size_t at = text.rfind('@');
    if (at != std::string_view::npos) {
        if (auto good = parseUser(text.substr(0, at), settings); !good)
            return Unexpected(good.error());
        text.remove_prefix(at + 1);
    }
    if (text.find_first_of("?#") != std::string_view::npos)
        return bad("options behind ? or # are not known");
    const size_t slash = std::min(text.find('/'), text.size());
    if (auto good = parseNodes(text.substr(0, slash), settings); !good)
        return Unexpected(good.error());
    if (text.size() - slash > 1) {
        const auto database = numberOf<uint32_t>(text.substr(slash + 1));
        if (!database || *database > 1000000)
            return bad("the database behind the / is not a number");
        settings.database = *database;
    }
    return settings;
}

bool startsWith(std::string_view text, std::string_view lowerCase)
{
    return text.size() >= lowerCase.size() &&
           std::equal(lowerCase.begin(), lowerCase.end(), text.begin(), [](char want, char have) {
               return want == (have >= 'A' && have <= 'Z' ? char(have | 0x20) : have);
           });
}

} // namespace

std::string RedisNode::text() const
{
    const bool bracket = host.find(':') != std::string::npos;
    return (bracket ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

Result<RedisSettings> parseRedisUrl(std::string_view url)
{
    constexpr std::string_view plain = "redis://";
    constexpr std::string_view secure = "rediss://";
    RedisSettings settings;
    if (startsWith(url, plain))
        return parseRest(url.substr(plain.size()), std::move(settings));
    if (!startsWith(url, secure))
        return bad("a Redis URL starts with redis:// or rediss://");
    settings.tls = true;
    return parseRest(url.substr(secure.size()), std::move(settings));
}

} // namespace mws
