#include "config/security_token_text.h"

#include "config/text_check.h"

#include <QDateTime>
#include <algorithm>

namespace mws {

std::optional<SecurityToken> readSecurityToken(std::string_view text)
{
    const size_t space = std::min(text.find(' '), text.size());
    const std::string_view token = text.substr(0, space);
    if (!expectHeaderValue(token).empty())
        return std::nullopt;
    if (space == text.size())
        return SecurityToken{SecretDigest(token), std::nullopt};
    constexpr size_t wholeSeconds = 20; // 2026-12-01T00:00:00Z
    const std::string_view end = text.substr(space + 1);
    const auto time =
        QDateTime::fromString(QString::fromUtf8(end.data(), qsizetype(end.size())), Qt::ISODate);
    if (end.size() != wholeSeconds || end.back() != 'Z' || !time.isValid())
        return std::nullopt;
    return SecurityToken{SecretDigest(token), WallTime(std::chrono::seconds(time.toSecsSinceEpoch()))};
}

} // namespace mws
