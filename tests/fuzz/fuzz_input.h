#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace mws::test {

/// What must hold; the fuzzer keeps the input when it does not.
inline void require(bool holds)
{
    if (!holds)
        std::abort();
}

/// Takes what says how to split off the front of a fuzzer's bytes, and splits the rest by it.
class FuzzInput
{
public:
    FuzzInput(const uint8_t *data, size_t size) : m_bytes(reinterpret_cast<const char *>(data), size)
    {
        constexpr size_t cuts = 4;
        const size_t taken = size < cuts ? 0 : cuts;
        m_cuts = m_bytes.substr(0, taken);
        m_bytes.remove_prefix(taken);
    }

    std::string_view bytes() const { return m_bytes; }

    /// Pieces of the sizes that the first bytes name, over and over.
    std::vector<std::string_view> pieces() const
    {
        std::vector<std::string_view> all;
        std::string_view rest = m_bytes;
        for (size_t i = 0; !rest.empty(); ++i) {
            const size_t named =
                m_cuts.empty() ? 1 : static_cast<uint8_t>(m_cuts[i % m_cuts.size()]) % 61 + 1;
            all.push_back(rest.substr(0, named));
            rest.remove_prefix(all.back().size());
        }
        return all;
    }

private:
    std::string_view m_bytes;
    std::string_view m_cuts;
};

/// A fuzzer's bytes as a row of choices, for what is driven by calls and not by bytes. Ends with zeros.
class Choices
{
public:
    Choices(const uint8_t *data, size_t size) : m_bytes(reinterpret_cast<const char *>(data), size) {}

    bool left() const { return !m_bytes.empty(); }

    /// A number from 0 to `count` - 1.
    size_t oneOf(size_t count)
    {
        if (m_bytes.empty())
            return 0;
        const auto byte = static_cast<uint8_t>(m_bytes.front());
        m_bytes.remove_prefix(1);
        return byte % count;
    }

    bool flag() { return oneOf(2) == 1; }

    /// At most `most` bytes as they are.
    std::string_view text(size_t most)
    {
        const std::string_view taken = m_bytes.substr(0, oneOf(most + 1));
        m_bytes.remove_prefix(taken.size());
        return taken;
    }

    std::string_view rest() const { return m_bytes; }

private:
    std::string_view m_bytes;
};

} // namespace mws::test
