#pragma once

#include "tls/openssl_pointer.h"
#include "tls/tls_settings.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <string>
#include <unistd.h>

namespace mws::test {

/// A folder with `cert.pem` and `key.pem`, made by the library: valid from an hour ago for a day.
class CertificateFiles : public ::testing::Test
{
protected:
    CertificateFiles()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "mws-tls-XXXXXX").string();
        m_folder = ::mkdtemp(pattern.data());
        make("cert.pem", "key.pem", 77);
        settings.certificate = m_folder / "cert.pem";
        settings.key = m_folder / "key.pem";
    }
    ~CertificateFiles() override { std::filesystem::remove_all(m_folder); }

    std::filesystem::path path(const std::string &name) const { return m_folder / name; }
    void write(const std::string &name, const std::string &text) const { std::ofstream(path(name)) << text; }
    std::string text(const std::string &name) const
    {
        std::ifstream file(path(name));
        return {std::istreambuf_iterator<char>(file), {}};
    }

    /// A self-signed certificate of that serial number and its key; the key is encrypted if there is a
    /// passphrase.
    void make(const std::string &certificateName, const std::string &keyName, long serial,
              const std::string &passphrase = {}) const
    {
        const KeyPointer key(EVP_EC_gen("P-256"));
        const CertificatePointer certificate(X509_new());
        ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 24 * 3600);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char *>("mws unit"), -1, -1, 0);
        X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
        X509_set_pubkey(certificate.get(), key.get());
        X509_sign(certificate.get(), key.get(), EVP_sha256());
        writePem(certificateName, [&](BIO *bio) { PEM_write_bio_X509(bio, certificate.get()); });
        writePem(keyName, [&](BIO *bio) {
            PEM_write_bio_PKCS8PrivateKey(bio, key.get(), passphrase.empty() ? nullptr : EVP_aes_128_cbc(),
                                          passphrase.data(), int(passphrase.size()), nullptr, nullptr);
        });
        std::filesystem::permissions(path(keyName), std::filesystem::perms::owner_read |
                                                        std::filesystem::perms::owner_write);
    }

    TlsSettings settings;

private:
    template <typename Writer>
    void writePem(const std::string &name, Writer writer) const
    {
        const BioPointer bio(BIO_new(BIO_s_mem()));
        writer(bio.get());
        char *data = nullptr;
        const long size = BIO_get_mem_data(bio.get(), &data);
        write(name, std::string(data, size_t(size)));
    }

    std::filesystem::path m_folder;
};

} // namespace mws::test
