#pragma once

#include "tls/tls_certificates.h"

#include <memory>

namespace mws {

/// What all connections of a TLS listener share: certificate, key, rules. Sessions keep what they were made
/// with when another takes its place. Thread: any; immutable.
class TlsContext
{
public:
    /// A context, and what an operator should hear of its files.
    struct Loaded
    {
        std::shared_ptr<const TlsContext> context;
        std::vector<std::string> warnings;
    };
    /// Reads the files of `settings`. Errors: those of readCertificates(), and what OpenSSL does not accept,
    /// such as a key that is too short.
    static Result<Loaded> load(const TlsSettings &settings, WallTime now);

    TlsContext(SSL_CTX *context, CertificateInfo certificate);
    ~TlsContext();
    TlsContext(const TlsContext &) = delete;
    TlsContext &operator=(const TlsContext &) = delete;

    const CertificateInfo &certificate() const { return m_certificate; }
    /// For TlsSession.
    SSL_CTX *native() const { return m_context; }

private:
    SSL_CTX *m_context;
    CertificateInfo m_certificate;
};

} // namespace mws
