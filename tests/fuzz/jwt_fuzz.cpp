#include "base/base64url.h"
#include "fuzz/fuzz_input.h"
#include "identity/jwt_claims.h"
#include "identity/jwt_verifier.h"

#include <cstdint>
#include <string_view>

/// Any bytes as an access token, and, since no fuzzer finds a signature, as the header and the claims of one.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const mws::JwtKeys keys{*mws::keyFromSecret("a-shared-secret-of-at-least-32-bytes")};
    const mws::WallTime now{std::chrono::seconds(1767225600)};
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    mws::JwtProvider rules;
    rules.audience = {"*"};
    (void)mws::verifyJwt(text, rules, keys, now);
    (void)mws::decodeBase64Url(text);
    if (const auto header = mws::readJwtHeader(text))
        mws::test::require(header->keyId.size() <= mws::maxKeyIdBytes);
    if (const auto identity = mws::readJwtClaims(text, rules, now))
        for (const std::string &subject : identity->subjects())
            mws::test::require(!subject.empty() && subject.find('\0') == std::string::npos);
    return 0;
}
