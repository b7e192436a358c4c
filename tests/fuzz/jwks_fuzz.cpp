#include "fuzz/fuzz_input.h"
#include "identity/jwt_keys.h"

#include <cstdint>
#include <string_view>

/// Any bytes as a JWK Set of a file and of a server, and as PEM.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    for (const mws::JwksSecrets secrets : {mws::JwksSecrets::Taken, mws::JwksSecrets::Skipped}) {
        const auto keys = mws::keysFromJwks(text, secrets);
        if (!keys)
            continue;
        mws::test::require(!keys->empty() && keys->size() <= mws::maxKeysPerSource);
        for (const mws::JwtKey &key : *keys) {
            mws::test::require(key.key != nullptr && key.id.size() <= mws::maxKeyIdBytes);
            mws::test::require(secrets == mws::JwksSecrets::Taken ||
                               key.algorithm != mws::JwtAlgorithm::HS256);
        }
    }
    (void)mws::keysFromPem(text);
    return 0;
}
