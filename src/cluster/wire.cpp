#include "cluster/wire.h"

namespace mws {

void putNumber(std::string &out, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        out.push_back(char(number | 0x80));
    out.push_back(char(number));
}

void putText(std::string &out, std::string_view text)
{
    putNumber(out, text.size());
    out += text;
}

void putTexts(std::string &out, const std::vector<std::string> &texts)
{
    putNumber(out, texts.size());
    for (const std::string &text : texts)
        putText(out, text);
}

uint64_t millisecondsOf(WallTime time)
{
    const auto count = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
    return count < 0 ? 0 : uint64_t(count);
}

std::optional<WallTime> wallTimeOf(uint64_t milliseconds)
{
    constexpr auto latest = std::chrono::floor<std::chrono::milliseconds>(WallTime::duration::max());
    if (milliseconds > uint64_t(latest.count()))
        return std::nullopt;
    return WallTime(std::chrono::milliseconds(int64_t(milliseconds)));
}

std::nullopt_t WireReader::fail()
{
    m_rest = {};
    return std::nullopt;
}

std::optional<uint8_t> WireReader::byte()
{
    if (m_rest.empty())
        return std::nullopt;
    const auto value = uint8_t(m_rest.front());
    m_rest.remove_prefix(1);
    return value;
}

std::optional<uint64_t> WireReader::number()
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        const auto next = byte();
        if (!next)
            return std::nullopt;
        value |= uint64_t(*next & 0x7f) << shift;
        if (*next < 0x80)
            return value;
    }
    return fail();
}

std::optional<std::string_view> WireReader::text()
{
    const auto length = number();
    if (!length || *length > m_rest.size())
        return fail();
    const std::string_view text = m_rest.substr(0, size_t(*length));
    m_rest.remove_prefix(text.size());
    return text;
}

std::optional<std::vector<std::string>> WireReader::texts()
{
    const auto count = number();
    if (!count || *count > m_rest.size()) // each takes a byte at least
        return fail();
    std::vector<std::string> all;
    for (uint64_t i = 0; i < *count; ++i) {
        const auto next = text();
        if (!next)
            return std::nullopt;
        all.emplace_back(*next);
    }
    return all;
}

} // namespace mws
