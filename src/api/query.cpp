#include "api/query.h"

#include "base/number_text.h"
#include "json/json_reader.h"

#include <QByteArray>
#include <QDateTime>
#include <algorithm>

namespace mws {

namespace {

std::string decoded(std::string_view text)
{
    QByteArray bytes(text.data(), qsizetype(text.size()));
    bytes.replace('+', ' ');
    return QByteArray::fromPercentEncoding(bytes).toStdString();
}

/// The nearest time that a WallTime, which counts nanoseconds, can hold: it ends in the year 2262.
WallTime wallTime(std::chrono::milliseconds sinceEpoch)
{
    using std::chrono::milliseconds;
    const auto earliest = std::chrono::ceil<milliseconds>(WallTime::min().time_since_epoch());
    const auto latest = std::chrono::floor<milliseconds>(WallTime::max().time_since_epoch());
    return WallTime(std::clamp(sinceEpoch, earliest, latest));
}

} // namespace

Result<std::optional<std::string>> queryValue(std::string_view query, std::string_view key)
{
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        const size_t equals = pair.find('=');
        if (decoded(pair.substr(0, equals)) != key)
            continue;
        std::string value = equals == pair.npos ? std::string() : decoded(pair.substr(equals + 1));
        if (value.empty())
            return Unexpected(ErrorCode::InvalidData, "Must not be empty", std::string(key));
        if (!isUtf8(value))
            return Unexpected(ErrorCode::InvalidData, "Is not UTF-8", std::string(key));
        return std::optional(std::move(value));
    }
    return std::optional<std::string>();
}

Result<std::optional<uint64_t>> queryNumber(std::string_view query, std::string_view key, uint64_t least,
                                            uint64_t most)
{
    const auto text = queryValue(query, key);
    if (!text)
        return Unexpected(text.error());
    if (!*text)
        return std::optional<uint64_t>();
    const auto number = numberOf<uint64_t>(**text);
    if (!number || *number < least || *number > most)
        return Unexpected(ErrorCode::InvalidData,
                          "Must be a whole number from " + std::to_string(least) + " to " +
                              std::to_string(most),
                          std::string(key));
    return number;
}

Result<std::optional<WallTime>> queryTime(std::string_view query, std::string_view key)
{
    const auto text = queryValue(query, key);
    if (!text)
        return Unexpected(text.error());
    if (!*text)
        return std::optional<WallTime>();
    constexpr int64_t latest = 253402300799; // the end of the year 9999
    if (const auto seconds = numberOf<int64_t>(**text); seconds && *seconds >= 0 && *seconds <= latest)
        return std::optional(wallTime(std::chrono::seconds(*seconds)));
    const QString iso =
        QString::fromStdString(**text).replace(QLatin1Char(' '), QLatin1Char('+')); // of a zone
    QDateTime time = QDateTime::fromString(iso, Qt::ISODateWithMs);
    if (!time.isValid() || !iso.contains(QLatin1Char('T')))
        return Unexpected(ErrorCode::InvalidData, "Must be a time like 2026-01-01T00:00:00Z",
                          std::string(key));
    if (time.timeSpec() == Qt::LocalTime)
        time = QDateTime::fromString(iso + QLatin1Char('Z'), Qt::ISODateWithMs);
    return std::optional(wallTime(std::chrono::milliseconds(time.toMSecsSinceEpoch())));
}

} // namespace mws
