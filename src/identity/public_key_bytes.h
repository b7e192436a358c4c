#pragma once

#include "mws/base/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// The numbers of a public key, big-endian.
struct PublicKeyBytes
{
    enum class Kind { Rsa, P256 };
    Kind kind;
    std::string first;  ///< the modulus, or x (32 bytes)
    std::string second; ///< the exponent, or y (32 bytes)
};

/// The keys of the `PUBLIC KEY` (RFC 7468 §13) and `CERTIFICATE` blocks of a PEM text.
/// Errors: Internal with the reason if there is none or more than `most`, or another kind of block or key.
/// Thread: any.
Result<std::vector<PublicKeyBytes>> publicKeysOfPem(std::string_view pem, size_t most);

} // namespace mws
