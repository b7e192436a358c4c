#include "config/token_expiry.h"

#include <QDateTime>
#include <QTimeZone>

namespace mws {

namespace {

constexpr std::chrono::hours week{7 * 24};

std::string timeText(WallTime time)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    // Qt::ISODate ends with +00:00 in Qt 6.4 and with Z in 6.8.
    return QDateTime::fromSecsSinceEpoch(seconds, QTimeZone::utc())
        .toString(QStringLiteral("yyyy-MM-dd'T'HH:mm:ss'Z'"))
        .toStdString();
}

} // namespace

TokenExpiryWatch::TokenExpiryWatch(const ServiceConfig &config)
{
    const auto add = [this](const GatewayConfig &gateway) {
        for (size_t i = 0; i < gateway.furtherSecurityTokens.size(); ++i)
            if (const auto &end = gateway.furtherSecurityTokens[i].validUntil)
                m_tokens.push_back({gateway.id, "security_tokens[" + std::to_string(i) + ']', *end});
    };
    add(config.gateway);
    for (const GatewayConfig &gateway : config.gateways)
        add(gateway);
}

void TokenExpiryWatch::check(WallTime now)
{
    for (Watched &token : m_tokens) {
        const auto say = [&token](std::string_view event) {
            log(LogLevel::Warning, event,
                {{"gateway", token.gateway},
                 {"token", token.name},
                 {"valid_until", timeText(token.validUntil)}});
        };
        if (now >= token.validUntil && !token.ended) {
            token.ended = token.announced = true;
            say("a security token has expired");
        } else if (now + week >= token.validUntil && !token.announced) {
            token.announced = true;
            say("a security token expires within seven days");
        }
    }
}

} // namespace mws
