#include "mws/domain/origin.h"

#include <algorithm>
#include <cctype>

namespace mws {

namespace {

std::string lower(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    return result;
}

/// `pattern` with one `*` for one or more characters of a host name.
bool matchesPattern(std::string_view pattern, std::string_view origin)
{
    const size_t star = pattern.find('*');
    if (star == std::string_view::npos)
        return pattern == origin;
    const std::string_view head = pattern.substr(0, star);
    const std::string_view tail = pattern.substr(star + 1);
    if (tail.empty() || origin.size() <= head.size() + tail.size() || !origin.starts_with(head) ||
        !origin.ends_with(tail))
        return false;
    const std::string_view label = origin.substr(head.size(), origin.size() - head.size() - tail.size());
    const auto isHostName = [](unsigned char c) {
        return std::isalnum(c) || c == '-' || c == '.' || c == '_';
    };
    return label.front() != '.' && std::all_of(label.begin(), label.end(), isHostName);
}

} // namespace

bool originAllowed(const std::vector<std::string> &allowed, std::string_view origin)
{
    if (allowed.empty())
        return true;
    const std::string wanted = lower(origin);
    return std::any_of(allowed.begin(), allowed.end(), [&wanted](const std::string &entry) {
        return entry == "*" || matchesPattern(lower(entry), wanted);
    });
}

} // namespace mws
