#include "tls/tls_certificates.h"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mws {

namespace {

constexpr size_t mostFileBytes = 4 << 20;

/// `what` about the file that `option` names.
Unexpected wrong(const std::filesystem::path &file, std::string_view option, const std::string &what)
{
    return Unexpected(ErrorCode::InvalidData, file.string() + ": " + what + " (" + std::string(option) + ')',
                      std::string(option));
}

struct PemFile
{
    std::string text;
    mode_t mode = 0;
};

Result<PemFile> readFile(const std::filesystem::path &file, std::string_view option)
{
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a FIFO must not hold us
    struct stat status = {};
    if (descriptor < 0 || ::fstat(descriptor, &status) != 0) {
        const int reason = errno;
        if (descriptor >= 0)
            ::close(descriptor);
        return wrong(file, option, std::string("cannot be read: ") + std::strerror(reason));
    }
    PemFile result{{}, status.st_mode};
    char chunk[8192];
    ssize_t got = 0;
    while (result.text.size() <= mostFileBytes && (got = ::read(descriptor, chunk, sizeof chunk)) > 0)
        result.text.append(chunk, size_t(got));
    const int reason = errno;
    ::close(descriptor);
    if (got < 0)
        return wrong(file, option, std::string("cannot be read: ") + std::strerror(reason));
    if (result.text.size() > mostFileBytes)
        return wrong(file, option, "is larger than 4 MiB");
    return result;
}

BioPointer bioOf(const std::string &text)
{
    return BioPointer(BIO_new_mem_buf(text.data(), int(text.size())));
}

Result<std::vector<CertificatePointer>> readChain(const std::filesystem::path &file, std::string_view option)
{
    const Result<PemFile> pem = readFile(file, option);
    if (!pem)
        return Unexpected(pem.error());
    const BioPointer bio = bioOf(pem->text);
    std::vector<CertificatePointer> chain;
    ERR_clear_error();
    while (X509 *certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
        chain.emplace_back(certificate);
    const unsigned long error = ERR_peek_last_error();
    const bool atEnd = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
    const std::string reason = takeOpenSslError();
    if (!atEnd)
        return wrong(file, option, "a certificate in it is broken: " + reason);
    if (chain.empty())
        return wrong(file, option, "has no certificate in PEM form");
    return chain;
}

/// Called for the passphrase of an encrypted key: there is none.
int noPassphrase(char *, int, int, void *asked)
{
    *static_cast<bool *>(asked) = true;
    return -1;
}

Result<KeyPointer> readKey(const std::filesystem::path &file, std::vector<std::string> &warnings)
{
    constexpr std::string_view option = "tls.key";
    Result<PemFile> pem = readFile(file, option);
    if (!pem)
        return Unexpected(pem.error());
    const BioPointer bio = bioOf(pem->text);
    bool encrypted = false;
    ERR_clear_error();
    KeyPointer key(PEM_read_bio_PrivateKey(bio.get(), nullptr, noPassphrase, &encrypted));
    const std::string reason = takeOpenSslError();
    OPENSSL_cleanse(pem->text.data(), pem->text.size());
    if (encrypted)
        return wrong(file, option,
                     "the key is encrypted; decrypt it with: openssl pkey -in FILE -out NEWFILE");
    if (!key)
        return wrong(file, option, "has no private key in PEM form: " + reason);
    if (pem->mode & S_IROTH)
        warnings.push_back(file.string() +
                           ": everybody on this machine may read the key; chmod 600 (tls.key)");
    return key;
}

WallTime timeOf(const ASN1_TIME *time)
{
    std::tm fields{};
    ASN1_TIME_to_tm(time, &fields);
    return std::chrono::system_clock::from_time_t(::timegm(&fields));
}

CertificateInfo infoOf(const X509 &certificate)
{
    CertificateInfo info;
    const BioPointer text(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(text.get(), X509_get_subject_name(&certificate), 0, XN_FLAG_RFC2253);
    char *data = nullptr;
    const long size = BIO_get_mem_data(text.get(), &data);
    info.subject.assign(data, size_t(std::max(0L, size)));
    BIGNUM *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr);
    char *digits = BN_bn2hex(serial);
    info.serial = digits;
    OPENSSL_free(digits);
    BN_free(serial);
    info.validFrom = timeOf(X509_get0_notBefore(&certificate));
    info.validUntil = timeOf(X509_get0_notAfter(&certificate));
    return info;
}

} // namespace

std::string takeOpenSslError()
{
    const unsigned long error = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(error);
    ERR_clear_error();
    return reason ? reason : "unknown error";
}

Result<TlsCertificates> readCertificates(const TlsSettings &settings, WallTime now)
{
    TlsCertificates result;
    auto chain = readChain(settings.certificate, "tls.certificate");
    if (!chain)
        return Unexpected(chain.error());
    result.chain = *std::move(chain);
    auto key = readKey(settings.key, result.warnings);
    if (!key)
        return Unexpected(key.error());
    result.key = *std::move(key);
    X509 &own = *result.chain.front();
    if (X509_check_private_key(&own, result.key.get()) != 1) {
        ERR_clear_error();
        return wrong(settings.key, "tls.key",
                     "is not the key of the first certificate in " + settings.certificate.string());
    }
    if (settings.clientCertificates != ClientCertificates::None) {
        auto authorities = readChain(settings.clientCa, "tls.client_ca");
        if (!authorities)
            return Unexpected(authorities.error());
        result.clientAuthorities = *std::move(authorities);
    }
    result.info = infoOf(own);
    const std::string file = settings.certificate.string();
    if (result.info.validUntil < now)
        result.warnings.push_back(file +
                                  ": the certificate has expired: clients will refuse it (tls.certificate)");
    else if (result.info.validFrom > now)
        result.warnings.push_back(file + ": the certificate is not valid yet (tls.certificate)");
    return result;
}

} // namespace mws
