#include "identity/public_key_bytes.h"

#include <memory>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <optional>

namespace mws {

namespace {

constexpr size_t coordinateBytes = 32; // of P-256

struct Release
{
    void operator()(BIO *value) const { BIO_free(value); }
    void operator()(EVP_PKEY *value) const { EVP_PKEY_free(value); }
    void operator()(X509 *value) const { X509_free(value); }
    void operator()(BIGNUM *value) const { BN_free(value); }
    void operator()(char *value) const { OPENSSL_free(value); }
    void operator()(unsigned char *value) const { OPENSSL_free(value); }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, Release>;

Unexpected unusable(std::string reason)
{
    return Unexpected(ErrorCode::Internal, std::move(reason));
}

/// Big-endian, at least `size` bytes; empty if the key has no such number.
std::string numberOf(const EVP_PKEY *key, const char *name, size_t size)
{
    BIGNUM *raw = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &raw) != 1)
        return {};
    const std::unique_ptr<BIGNUM, Release> number(raw);
    std::string bytes(std::max(size, size_t(BN_num_bytes(raw))), '\0');
    if (BN_bn2binpad(raw, reinterpret_cast<unsigned char *>(bytes.data()), int(bytes.size())) < 0)
        return {};
    return bytes;
}

std::optional<PublicKeyBytes> bytesOf(const EVP_PKEY *key)
{
    if (EVP_PKEY_is_a(key, "RSA") == 1)
        return PublicKeyBytes{PublicKeyBytes::Kind::Rsa, numberOf(key, OSSL_PKEY_PARAM_RSA_N, 1),
                              numberOf(key, OSSL_PKEY_PARAM_RSA_E, 1)};
    char group[64] = {};
    if (EVP_PKEY_is_a(key, "EC") != 1 ||
        EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, nullptr) != 1 ||
        std::string_view(group) != "prime256v1")
        return std::nullopt;
    return PublicKeyBytes{PublicKeyBytes::Kind::P256,
                          numberOf(key, OSSL_PKEY_PARAM_EC_PUB_X, coordinateBytes),
                          numberOf(key, OSSL_PKEY_PARAM_EC_PUB_Y, coordinateBytes)};
}

/// Null if the block is neither a public key nor a certificate, or is broken.
KeyPointer keyOfBlock(std::string_view label, const unsigned char *der, long size)
{
    if (label == "PUBLIC KEY")
        return KeyPointer(d2i_PUBKEY(nullptr, &der, size));
    if (label != "CERTIFICATE")
        return nullptr;
    const std::unique_ptr<X509, Release> certificate(d2i_X509(nullptr, &der, size));
    return certificate ? KeyPointer(X509_get_pubkey(certificate.get())) : nullptr;
}

} // namespace

Result<std::vector<PublicKeyBytes>> publicKeysOfPem(std::string_view pem, size_t most)
{
    const std::unique_ptr<BIO, Release> input(BIO_new_mem_buf(pem.data(), int(pem.size())));
    std::vector<PublicKeyBytes> keys;
    char *label = nullptr;
    char *header = nullptr;
    unsigned char *der = nullptr;
    long size = 0;
    while (input && PEM_read_bio(input.get(), &label, &header, &der, &size) == 1) {
        const std::unique_ptr<char, Release> labelOwner(label);
        const std::unique_ptr<char, Release> headerOwner(header);
        const std::unique_ptr<unsigned char, Release> derOwner(der);
        const std::string_view name(label);
        if (name.ends_with("PRIVATE KEY"))
            return unusable("it holds a private key; the gateway needs the public one only");
        const KeyPointer key = keyOfBlock(name, der, size);
        const std::optional<PublicKeyBytes> bytes = key ? bytesOf(key.get()) : std::nullopt;
        if (!bytes)
            return unusable("a block of it is no RSA or P-256 public key and no certificate of one");
        if (keys.size() == most)
            return unusable("it has more than " + std::to_string(most) + " keys");
        keys.push_back(*bytes);
    }
    ERR_clear_error(); // the end of the text leaves one
    if (keys.empty())
        return unusable("it has no PEM block PUBLIC KEY or CERTIFICATE");
    return keys;
}

} // namespace mws
