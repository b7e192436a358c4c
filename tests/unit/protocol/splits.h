#pragma once

#include <string_view>
#include <vector>

namespace mws::test {

using Pieces = std::vector<std::string_view>;

/// Calls `check` with the input in one piece, in two at every point, and byte by byte. Of a long input only
/// some of the points are taken, beside all near its ends.
template <typename Check>
void forEachSplit(std::string_view input, Check check)
{
    check(Pieces{input});
    const size_t stride = input.size() / 1000 + 1;
    for (size_t at = 1; at < input.size(); at += at < 20 || at + 20 > input.size() ? 1 : stride)
        check(Pieces{input.substr(0, at), input.substr(at)});
    Pieces bytes;
    for (size_t at = 0; at < input.size(); ++at)
        bytes.push_back(input.substr(at, 1));
    check(bytes);
}

} // namespace mws::test
