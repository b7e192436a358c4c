#include "base/iso_time.h"

#include <array>
#include <cstdio>
#include <string_view>

namespace mws {

std::string isoTime(WallTime time)
{
    using namespace std::chrono;
    const auto rounded = floor<milliseconds>(time); // the day of the earliest begins before any nanosecond
    const auto day = floor<days>(rounded);
    const year_month_day date(day);
    const hh_mm_ss clock(rounded - day);
    std::array<char, 64> text{};
    const int length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                                     int(date.year()), unsigned(date.month()), unsigned(date.day()),
                                     int(clock.hours().count()), int(clock.minutes().count()),
                                     int(clock.seconds().count()), int(clock.subseconds().count()));
    return {text.data(), size_t(length)};
}

std::string isoTimeInSeconds(WallTime time)
{
    constexpr std::string_view milliseconds = ".000";
    std::string text = isoTime(time);
    text.erase(text.size() - milliseconds.size() - 1, milliseconds.size());
    return text;
}

} // namespace mws
