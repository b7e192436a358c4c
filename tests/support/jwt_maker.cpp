#include "support/jwt_maker.h"

#include <algorithm>
#include <cstdlib>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <vector>

namespace mws::test {

namespace {

void require(bool holds)
{
    if (!holds)
        std::abort();
}

const unsigned char *bytesOf(std::string_view text)
{
    return reinterpret_cast<const unsigned char *>(text.data());
}

std::string textOf(BIO *bio)
{
    char *data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, size_t(size));
    BIO_free(bio);
    return text;
}

std::string padded(const BIGNUM *number, size_t size)
{
    std::string bytes(size, '\0');
    require(BN_bn2binpad(number, reinterpret_cast<unsigned char *>(bytes.data()), int(size)) >= 0);
    return bytes;
}

std::string signingInput(std::string_view header, std::string_view claims)
{
    return base64Url(header) + '.' + base64Url(claims);
}

} // namespace

SigningPair::SigningPair(evp_pkey_st *key) : m_key(key, EVP_PKEY_free)
{
    require(key != nullptr);
}

SigningPair SigningPair::rsa(unsigned bits)
{
    return SigningPair(EVP_RSA_gen(bits));
}

SigningPair SigningPair::curve(const std::string &name)
{
    return SigningPair(EVP_EC_gen(name.c_str()));
}

std::string SigningPair::signDer(std::string_view input) const
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t size = 0;
    require(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, m_key.get()) == 1);
    require(EVP_DigestSign(context, nullptr, &size, bytesOf(input), input.size()) == 1);
    std::string signature(size, '\0');
    require(EVP_DigestSign(context, reinterpret_cast<unsigned char *>(signature.data()), &size,
                           bytesOf(input), input.size()) == 1);
    signature.resize(size);
    EVP_MD_CTX_free(context);
    return signature;
}

std::string SigningPair::sign(std::string_view input) const
{
    const std::string der = signDer(input);
    if (EVP_PKEY_is_a(m_key.get(), "RSA") == 1)
        return der;
    const size_t half = (size_t(EVP_PKEY_get_bits(m_key.get())) + 7) / 8;
    const unsigned char *at = bytesOf(der);
    ECDSA_SIG *pair = d2i_ECDSA_SIG(nullptr, &at, long(der.size()));
    require(pair != nullptr);
    const std::string signature = padded(ECDSA_SIG_get0_r(pair), half) + padded(ECDSA_SIG_get0_s(pair), half);
    ECDSA_SIG_free(pair);
    return signature;
}

std::string SigningPair::publicPem() const
{
    BIO *bio = BIO_new(BIO_s_mem());
    require(PEM_write_bio_PUBKEY(bio, m_key.get()) == 1);
    return textOf(bio);
}

std::string SigningPair::privatePem() const
{
    BIO *bio = BIO_new(BIO_s_mem());
    require(PEM_write_bio_PrivateKey(bio, m_key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return textOf(bio);
}

std::string SigningPair::number(const std::string &name) const
{
    const char *parameter = name == "n"   ? OSSL_PKEY_PARAM_RSA_N
                            : name == "e" ? OSSL_PKEY_PARAM_RSA_E
                            : name == "x" ? OSSL_PKEY_PARAM_EC_PUB_X
                                          : OSSL_PKEY_PARAM_EC_PUB_Y;
    BIGNUM *number = nullptr;
    require(EVP_PKEY_get_bn_param(m_key.get(), parameter, &number) == 1);
    const bool isCoordinate = name == "x" || name == "y";
    const size_t size =
        isCoordinate ? (size_t(EVP_PKEY_get_bits(m_key.get())) + 7) / 8 : size_t(BN_num_bytes(number));
    std::string bytes = padded(number, size);
    BN_free(number);
    return bytes;
}

std::string SigningPair::jwk(const std::string &kid, const std::string &more) const
{
    std::string text = "{";
    if (!kid.empty())
        text += "\"kid\":\"" + kid + "\",";
    if (!more.empty())
        text += more + ',';
    if (EVP_PKEY_is_a(m_key.get(), "RSA") == 1)
        return text + R"("kty":"RSA","n":")" + base64Url(number("n")) + R"(","e":")" +
               base64Url(number("e")) + "\"}";
    const std::string curve = EVP_PKEY_get_bits(m_key.get()) == 256 ? "P-256" : "P-384";
    return text + R"("kty":"EC","crv":")" + curve + R"(","x":")" + base64Url(number("x")) + R"(","y":")" +
           base64Url(number("y")) + "\"}";
}

std::string base64Url(std::string_view bytes)
{
    constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    unsigned bits = 0;
    int held = 0;
    for (const char c : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (held += 8; held >= 6; held -= 6)
            text += alphabet[bits >> (held - 6) & 63];
    }
    if (held > 0)
        text += alphabet[bits << (6 - held) & 63];
    return text;
}

std::string hmac(std::string_view key, std::string_view input)
{
    unsigned char digest[32];
    unsigned size = 0;
    require(HMAC(EVP_sha256(), key.data(), int(key.size()), bytesOf(input), input.size(), digest, &size) !=
            nullptr);
    return {reinterpret_cast<const char *>(digest), size};
}

std::string tokenWithSignature(std::string_view header, std::string_view claims, std::string_view signature)
{
    return signingInput(header, claims) + '.' + base64Url(signature);
}

std::string hsToken(std::string_view header, std::string_view claims, std::string_view secret)
{
    return tokenWithSignature(header, claims, hmac(secret, signingInput(header, claims)));
}

std::string signedToken(std::string_view header, std::string_view claims, const SigningPair &pair)
{
    return tokenWithSignature(header, claims, pair.sign(signingInput(header, claims)));
}

std::string jwkSet(std::initializer_list<std::string> keys)
{
    std::string text;
    for (const std::string &key : keys)
        text += (text.empty() ? "" : ",") + key;
    return "{\"keys\":[" + text + "]}";
}

} // namespace mws::test
