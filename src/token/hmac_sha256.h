#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

typedef struct evp_mac_ctx_st EVP_MAC_CTX;

namespace mws {

/// HMAC-SHA256 (RFC 2104, RFC 7518 §3.2) by OpenSSL, which is asked for the algorithm only once: that takes
/// longer than the HMAC of a token.
/// Thread: one at a time.
class HmacSha256
{
public:
    using Code = std::array<uint8_t, 32>;

    HmacSha256();

    /// Nothing if OpenSSL fails, e.g. for an empty key.
    std::optional<Code> of(std::string_view key, std::string_view text);

private:
    struct Release
    {
        void operator()(EVP_MAC_CTX *context) const;
    };
    std::unique_ptr<EVP_MAC_CTX, Release> m_context; ///< null if OpenSSL has no HMAC
};

/// Compares in constant time; false if `bytes` are not as long.
bool sameCode(const HmacSha256::Code &code, std::string_view bytes);

} // namespace mws
