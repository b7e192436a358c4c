#include "config/text_check.h"

#include "config/security_token_text.h"
#include "limit/ip_address.h"
#include "mws/domain/gateway.h"
#include "mws/domain/identifiers.h"
#include "mws/domain/origin.h"
#include "token/webhook_signature.h"

#include <QByteArray>
#include <QHostAddress>
#include <QString>
#include <QUrl>
#include <algorithm>
#include <cstdint>

namespace mws {

namespace {

bool isAlphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// Not empty, and each character alphanumeric or one of `others`.
bool consistsOf(std::string_view text, std::string_view others)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [others](char c) {
        return isAlphanumeric(c) || others.find(c) != std::string_view::npos;
    });
}

bool isVisibleAscii(std::string_view text, size_t longest)
{
    return !text.empty() && text.size() <= longest &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

/// UTF-8 without control characters.
bool isPlainText(std::string_view text)
{
    const QByteArray bytes(text.data(), qsizetype(text.size()));
    return QString::fromUtf8(bytes).toUtf8() == bytes && std::none_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
           });
}

bool isPort(std::string_view text)
{
    return !text.empty() && text.size() <= 5 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
           std::stoi(std::string(text)) <= 65535;
}

/// `host`, `host:port`, `[v6]`, `[v6]:port`.
bool isHostAndPort(std::string_view text)
{
    std::string_view port;
    if (text.starts_with('[')) {
        const size_t end = text.find(']');
        if (end == std::string_view::npos || !expectAddress(text.substr(1, end - 1)).empty())
            return false;
        port = text.substr(end + 1);
    } else {
        const size_t colon = std::min(text.find(':'), text.size());
        const std::string_view host = text.substr(0, colon);
        if (host.size() > 253 || !consistsOf(host, "-._") || host.starts_with('.') ||
            host.find("..") != std::string_view::npos)
            return false;
        port = text.substr(colon);
    }
    return port.empty() || (port.front() == ':' && isPort(port.substr(1)));
}

} // namespace

std::string_view expectAddress(std::string_view text)
{
    const bool plausible = consistsOf(text, ".:%") && text.find_first_of(".:") != std::string_view::npos;
    QHostAddress address;
    return plausible && address.setAddress(QString::fromUtf8(text.data(), qsizetype(text.size())))
               ? ""
               : "a numeric IPv4 or IPv6 address";
}

std::string_view expectUrl(std::string_view text)
{
    constexpr std::string_view expected =
        "an http or https URL without user, query and fragment, such as \"https://push.example.com\"";
    const QUrl url(QString::fromUtf8(text.data(), qsizetype(text.size())), QUrl::StrictMode);
    const bool known = url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https");
    const bool good = isVisibleAscii(text, 2000) && url.isValid() && known && !url.host().isEmpty() &&
                      url.userInfo().isEmpty() && text.find('@') == std::string_view::npos &&
                      !url.hasQuery() && !url.hasFragment();
    return good ? "" : expected;
}

std::string_view expectHost(std::string_view text)
{
    return isHostAndPort(text) ? "" : "a host such as \"push.example.com\" or \"localhost:8080\"";
}

std::string_view expectGatewayId(std::string_view text)
{
    return isGatewayId(text) && !isReservedGatewayId(text)
               ? ""
               : "1 to 64 characters of A-Za-z0-9_-, the first of them no _";
}

std::string_view expectName(std::string_view text)
{
    return text.size() <= 200 && isPlainText(text) ? ""
                                                   : "a text of up to 200 bytes without control characters";
}

std::string_view expectHeaderValue(std::string_view text)
{
    return isVisibleAscii(text, 1024) ? "" : "1 to 1024 visible ASCII characters without spaces";
}

std::string_view expectSecurityToken(std::string_view text)
{
    return readSecurityToken(text)
               ? ""
               : "1 to 1024 visible ASCII characters, and perhaps a space and an end in UTC "
                 "such as 2026-12-01T00:00:00Z";
}

std::string_view expectJwtSecret(std::string_view text)
{
    constexpr size_t shortest = 32;
    return text.size() >= shortest && text.size() <= 1024 && isPlainText(text) ? "" : "32 to 1024 bytes";
}

std::string_view expectJwtAlgorithm(std::string_view text)
{
    return text == "HS256" || text == "RS256" || text == "ES256" ? "" : "HS256, RS256 or ES256";
}

std::string_view expectFile(std::string_view text)
{
    const bool isPath =
        text.size() <= 4096 && isPlainText(text) && text.find("://") == std::string_view::npos;
    return isPath && !text.empty() ? "" : "the path of a file";
}

std::string_view expectKeyUrl(std::string_view text)
{
    const QUrl url(QString::fromUtf8(text.data(), qsizetype(text.size())), QUrl::StrictMode);
    const bool known = text.starts_with("http://") || text.starts_with("https://");
    const bool good = isVisibleAscii(text, 2000) && url.isValid() && known && !url.host().isEmpty() &&
                      url.userInfo().isEmpty() && text.find('@') == std::string_view::npos &&
                      !url.hasFragment();
    return good ? ""
                : "an http or https URL without user and fragment, such as "
                  "\"https://id.example.com/jwks.json\"";
}

std::string_view expectKeySource(std::string_view text)
{
    const bool good = expectKeyUrl(text).empty() || (text != " " && expectFile(text).empty());
    return good ? "" : "the path of a file, or an http or https URL without user and fragment";
}

std::string_view expectAudience(std::string_view text)
{
    return !text.empty() && text.size() <= 256 && isPlainText(text) ? "" : "a text of up to 256 bytes";
}

std::string_view expectSubject(std::string_view text)
{
    const size_t dot = text.find('.');
    const bool named = dot != std::string_view::npos && dot > 0 && dot + 1 < text.size();
    const bool good = text == "*" || (named && text.size() <= 256 && isPlainText(text) &&
                                      text.find(' ') == std::string_view::npos);
    return good ? "" : "`*` or objectType.id, such as \"users.5419\"";
}

std::string_view expectOrigin(std::string_view text)
{
    constexpr std::string_view expected =
        "`*`, `null` or an origin such as \"https://app.example.com\" or \"https://*.example.com\"";
    return text == "*" || text == "null" || parseOriginPattern(text) ? "" : expected;
}

std::string_view expectSubprotocol(std::string_view text)
{
    return text.size() <= 128 && consistsOf(text, "!#$%&'*+-.^_`|~")
               ? ""
               : "`*` or a subprotocol's name without spaces";
}

std::string_view expectNetwork(std::string_view text)
{
    return Network::parse(text) ? "" : "an address or a network such as \"10.0.0.0/8\"";
}

std::string_view expectEventUrl(std::string_view text)
{
    return expectKeyUrl(text).empty() ? "" : "an http or https URL without user and fragment";
}

std::string_view expectWebhookSecret(std::string_view text)
{
    return webhookKey(text) ? "" : "whsec_ and base64 of 24 to 64 bytes";
}

std::string_view expectEventType(std::string_view text)
{
    for (const EventType type : {EventType::Connected, EventType::Disconnected, EventType::Message})
        if (text == nameOf(type))
            return "";
    return "connected, disconnected or message";
}

std::string_view expectRedisHost(std::string_view text)
{
    const bool isIpv6 = text.find(':') != std::string_view::npos && expectAddress(text).empty();
    const bool hasPort = !text.starts_with('[') && text.find(':') != std::string_view::npos;
    const bool isBracketed = text.starts_with('[') && text.ends_with(']');
    const bool good = isIpv6 || (isHostAndPort(text) && !hasPort && (isBracketed || !text.starts_with('[')));
    return good ? "" : "a host name or an address without a port, which is redis.port's";
}

std::string_view expectRedisPassword(std::string_view text)
{
    return !text.empty() && text.size() <= 1024 && isPlainText(text) ? "" : "a text of up to 1024 bytes";
}

std::string_view expectTag(std::string_view text)
{
    return !text.empty() && text.size() <= 1024 && isPlainText(text) ? "" : "a tag";
}

std::string onOneLine(std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string line;
    for (const char c : text) {
        const auto code = static_cast<uint8_t>(c);
        if (code >= 0x20 && code != 0x7F)
            line += c;
        else
            line.append("\\u00").append({digits[code >> 4], digits[code & 15]});
    }
    return line;
}

} // namespace mws
