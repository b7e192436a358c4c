#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace mws::test {

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

/// What must hold; the fuzzer keeps the input when it does not.
inline void require(bool holds)
{
    if (!holds)
        std::abort();
}

} // namespace mws::test
