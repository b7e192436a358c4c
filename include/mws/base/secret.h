#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace mws {

/// SHA-256 of a secret that the gateway only needs to recognise (security and operator tokens). The secret
/// itself is not kept, so that nothing can log it.
class SecretDigest
{
public:
    SecretDigest() = default;
    explicit SecretDigest(std::string_view secret);
    /// From 64 hexadecimal digits, as hex() gives them; all-zero (matches nothing) if it is not that.
    static SecretDigest fromHex(std::string_view hex);

    /// Compares in constant time. Cost: one SHA-256 of `candidate`.
    bool matches(std::string_view candidate) const;
    std::string hex() const;
    bool empty() const;
    friend bool operator==(const SecretDigest &, const SecretDigest &) = default;

private:
    std::array<uint8_t, 32> m_digest{};
};

} // namespace mws
