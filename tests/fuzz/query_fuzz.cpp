#include "api/query.h"
#include "fuzz/fuzz_input.h"
#include "fuzz/reference_utf8.h"

#include <optional>

using namespace mws;
using namespace mws::test;

namespace {

int digitOf(char c)
{
    const size_t at = std::string_view("0123456789abcdefABCDEF").find(c);
    return at == std::string_view::npos ? -1 : int(at < 16 ? at : at - 6);
}

/// Of what a request parser lets through: each `%` has two hexadecimal digits behind it.
std::string decoded(std::string_view text)
{
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            out.push_back(char(digitOf(text[i + 1]) * 16 + digitOf(text[i + 2])));
            i += 2;
        } else {
            out.push_back(text[i] == '+' ? ' ' : text[i]);
        }
    }
    return out;
}

bool isQuery(std::string_view text)
{
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] <= ' ' || text[i] > '~' || text[i] == '#')
            return false;
        if (text[i] == '%' && (text.size() - i < 3 || digitOf(text[i + 1]) < 0 || digitOf(text[i + 2]) < 0))
            return false;
    }
    return true;
}

std::optional<std::string> firstOf(std::string_view query, std::string_view key)
{
    for (size_t at = 0; at <= query.size();) {
        const size_t end = std::min(query.find('&', at), query.size());
        const std::string_view pair = query.substr(at, end - at);
        const size_t equals = std::min(pair.find('='), pair.size());
        if (decoded(pair.substr(0, equals)) == key)
            return equals == pair.size() ? std::string() : decoded(pair.substr(equals + 1));
        at = end + 1;
    }
    return std::nullopt;
}

void checkTime(std::string_view query)
{
    const auto time = queryTime(query, "a");
    if (!time || !*time)
        return;
    const std::string iso = isoTime(**time);
    require(iso.size() == 24 && iso.ends_with("Z"));
    const auto again = queryTime("a=" + iso, "a");
    require(again && *again);
    require(std::chrono::floor<std::chrono::milliseconds>(**again) ==
            std::chrono::floor<std::chrono::milliseconds>(**time));
}

} // namespace

/// The first value of a key, as a plain decoder finds it; a time stays itself when it is written.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const std::string_view query(reinterpret_cast<const char *>(data), size);
    checkTime(query);
    const auto number = queryNumber(query, "a", 3, 1000);
    if (number && *number)
        require(**number >= 3 && **number <= 1000);
    const auto value = queryValue(query, "a");
    if (!isQuery(query))
        return 0;
    const auto expected = firstOf(query, "a");
    const bool good = !expected || (!expected->empty() && readUtf8(*expected).valid());
    require(value.has_value() == good);
    if (value)
        require(*value == expected);
    return 0;
}
