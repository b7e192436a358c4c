#include "config/option_units.h"

#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace mws {

namespace {

struct Unit
{
    std::string_view suffix;
    int64_t factor;
};

// From the largest to the smallest.
constexpr std::array sizeUnits{Unit{"GiB", 1 << 30}, Unit{"MiB", 1 << 20}, Unit{"KiB", 1 << 10},
                               Unit{"B", 1}};
constexpr std::array durationUnits{Unit{"d", 86400000}, Unit{"h", 3600000}, Unit{"m", 60000}, Unit{"s", 1000},
                                   Unit{"ms", 1}};

std::optional<int64_t> parse(std::string_view text, std::span<const Unit> units)
{
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number < 0)
        return std::nullopt;
    const std::string_view suffix = text.substr(size_t(end - text.data()));
    for (const Unit &unit : units)
        if (suffix == unit.suffix && number <= std::numeric_limits<int64_t>::max() / unit.factor)
            return number * unit.factor;
    return std::nullopt;
}

const Unit &largestExact(int64_t number, std::span<const Unit> units)
{
    for (const Unit &unit : units)
        if (number != 0 && number % unit.factor == 0)
            return unit;
    return units.back();
}

} // namespace

std::optional<int64_t> parseSize(std::string_view text)
{
    return parse(text, sizeUnits);
}

std::optional<int64_t> parseDuration(std::string_view text)
{
    return parse(text, durationUnits);
}

std::string sizeText(uint64_t bytes)
{
    const Unit &unit = largestExact(int64_t(bytes), sizeUnits);
    if (unit.factor == 1)
        return std::to_string(bytes);
    return '"' + std::to_string(int64_t(bytes) / unit.factor) + std::string(unit.suffix) + '"';
}

std::string durationText(std::chrono::milliseconds duration)
{
    if (duration.count() == 0)
        return "\"0s\"";
    const auto count = int64_t(duration.count());
    // Days and hours read worse than what people write for small numbers: 24h rather than 1d.
    const std::span<const Unit> units(durationUnits);
    const Unit &unit = largestExact(count, units.subspan(count <= 48 * 3600000 ? 1 : 0));
    return '"' + std::to_string(count / unit.factor) + std::string(unit.suffix) + '"';
}

} // namespace mws
