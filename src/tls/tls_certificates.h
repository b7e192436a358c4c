#pragma once

#include "mws/base/clock.h"
#include "mws/base/result.h"
#include "tls/openssl_pointer.h"
#include "tls/tls_settings.h"

#include <string>
#include <vector>

namespace mws {

/// What one needs to know of a certificate that is in force.
struct CertificateInfo
{
    std::string subject; ///< RFC 2253
    std::string serial;  ///< hexadecimal, as `openssl x509 -serial` prints it
    WallTime validFrom;
    WallTime validUntil;
};

/// The files of [tls], read and checked.
struct TlsCertificates
{
    std::vector<CertificatePointer> chain; ///< our own first
    KeyPointer key;
    std::vector<CertificatePointer> clientAuthorities;
    CertificateInfo info;
    std::vector<std::string> warnings; ///< for the log; no secret in them
};

/// Reads the files that `settings` names. Errors: InvalidData with the file, what is wrong with it and the
/// option's name: missing, not PEM, encrypted, a key of another certificate. A certificate that is not valid
/// at `now`, or a key that everybody may read, is a warning.
Result<TlsCertificates> readCertificates(const TlsSettings &settings, WallTime now);

/// OpenSSL's word for the last thing that went wrong on this thread; forgets it.
std::string takeOpenSslError();

} // namespace mws
