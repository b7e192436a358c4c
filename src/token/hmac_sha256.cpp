#include "token/hmac_sha256.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace mws {

namespace {

const unsigned char *bytesOf(std::string_view text)
{
    return reinterpret_cast<const unsigned char *>(text.data());
}

EVP_MAC_CTX *makeContext()
{
    EVP_MAC *hmac = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
    EVP_MAC_CTX *context = hmac ? EVP_MAC_CTX_new(hmac) : nullptr;
    EVP_MAC_free(hmac); // the context has a reference of its own
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    if (context && EVP_MAC_CTX_set_params(context, parameters) != 1) {
        EVP_MAC_CTX_free(context);
        return nullptr;
    }
    return context;
}

} // namespace

void HmacSha256::Release::operator()(EVP_MAC_CTX *context) const
{
    EVP_MAC_CTX_free(context);
}

HmacSha256::HmacSha256() : m_context(makeContext()) {}

std::optional<HmacSha256::Code> HmacSha256::of(std::string_view key, std::string_view text)
{
    Code code;
    size_t size = 0;
    EVP_MAC_CTX *context = m_context.get();
    if (!context || key.empty() || EVP_MAC_init(context, bytesOf(key), key.size(), nullptr) != 1 ||
        EVP_MAC_update(context, bytesOf(text), text.size()) != 1 ||
        EVP_MAC_final(context, code.data(), &size, code.size()) != 1 || size != code.size())
        return std::nullopt;
    return code;
}

bool sameCode(const HmacSha256::Code &code, std::string_view bytes)
{
    return bytes.size() == code.size() && CRYPTO_memcmp(code.data(), bytes.data(), code.size()) == 0;
}

} // namespace mws
