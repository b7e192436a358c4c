#pragma once

#include <memory>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace mws {

/// Frees what OpenSSL made.
template <auto Free>
struct OpenSslDelete
{
    template <typename T>
    void operator()(T *object) const
    {
        Free(object);
    }
};

using BioPointer = std::unique_ptr<BIO, OpenSslDelete<BIO_free_all>>;
using CertificatePointer = std::unique_ptr<X509, OpenSslDelete<X509_free>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, OpenSslDelete<EVP_PKEY_free>>;

} // namespace mws
