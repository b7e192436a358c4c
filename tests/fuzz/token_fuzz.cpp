#include "token/token_claims.h"
#include "token/token_codec.h"

#include <cstdint>
#include <string_view>

/// Any bytes as a token, and, since no fuzzer finds a signature, as the header and the claims of one.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const mws::Gateway gateway = [] {
        mws::Gateway made;
        made.id = "default";
        made.signingKeys.push_back({std::string(32, 'k'), std::nullopt});
        return made;
    }();
    const mws::WallTime now{std::chrono::seconds(1767225600)};
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    (void)mws::verifyToken(gateway, text, now);
    if (size > mws::maxTokenBytes)
        return 0;
    (void)mws::checkTokenHeader(text);
    if (const auto reservation = mws::readClaims(gateway, text, now)) {
        const auto claims = mws::writeClaims(gateway.id, *reservation);
        if (!claims || !mws::readClaims(gateway, *claims, now))
            __builtin_trap(); // what was read can be written, and read again
    }
    return 0;
}
