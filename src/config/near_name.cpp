#include "config/near_name.h"

#include <algorithm>

namespace mws {

namespace {

constexpr size_t longestName = 80; // longer ones are nobody's slip of the finger

/// Insertions, deletions, replacements and swaps of neighbours that make `a` into `b`.
size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::vector<size_t>> rows(a.size() + 1, std::vector<size_t>(b.size() + 1));
    for (size_t i = 0; i <= a.size(); ++i) {
        for (size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                rows[i][j] = i + j;
                continue;
            }
            rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1,
                                   rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
        }
    }
    return rows[a.size()][b.size()];
}

} // namespace

std::optional<std::string> nearName(std::string_view name, const std::vector<std::string> &candidates)
{
    if (name.size() > longestName)
        return std::nullopt;
    size_t nearest = std::clamp<size_t>(name.size() / 3, 1, 3) + 1;
    std::optional<std::string> result;
    for (const std::string &candidate : candidates) {
        const size_t apart = distance(name, candidate);
        if (apart < nearest) {
            nearest = apart;
            result = candidate;
        }
    }
    return result;
}

std::string didYouMean(std::string_view name, const std::vector<std::string> &candidates)
{
    const auto near = nearName(name, candidates);
    return near ? "; did you mean " + *near + '?' : std::string();
}

} // namespace mws
