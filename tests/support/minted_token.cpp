#include "support/minted_token.h"

#include "support/jwt_maker.h"

#include <ctime>
#include <openssl/evp.h>

namespace mws::test {

std::string mintToken(const std::string &claims, const std::string &key)
{
    return hsToken(R"({"alg":"HS256","typ":"JWT"})", claims, key);
}

std::string claimsText(const MintedClaims &claims)
{
    static int minted = 0;
    const int64_t now = std::time(nullptr);
    return R"({"iss":")" + claims.issuer + R"(","gw":")" + claims.gateway + R"(","sid":")" + claims.socketId +
           R"(","tags":["minted"],"jti":"backend-)" + std::to_string(++minted) + R"(","iat":)" +
           std::to_string(now) + R"(,"exp":)" + std::to_string(now + claims.lifetime) + claims.more + '}';
}

std::string base64(const std::string &bytes)
{
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0'); // with the NUL that OpenSSL adds
    const auto *input = reinterpret_cast<const unsigned char *>(bytes.data());
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char *>(text.data()), input, int(bytes.size()));
    text.resize(size_t(size));
    return text;
}

} // namespace mws::test
