#pragma once

#include <chrono>
#include <filesystem>

namespace mws {

/// Whether clients show a certificate of their own. Optional: one that is shown must be good.
enum class ClientCertificates { None, Optional, Required };

/// The oldest version of TLS that is spoken.
enum class TlsVersion { Tls12, Tls13 };

/// [tls]
struct TlsSettings
{
    std::filesystem::path certificate; ///< PEM: our own first, then the chain; empty: plain HTTP
    std::filesystem::path key;         ///< PEM, not encrypted
    std::filesystem::path clientCa;    ///< PEM: who signs clients' certificates
    ClientCertificates clientCertificates = ClientCertificates::None;
    TlsVersion minimumVersion = TlsVersion::Tls12;
    std::chrono::milliseconds handshakeTimeout{10000}; ///< from accept() on

    bool isOn() const { return !certificate.empty(); }
    friend bool operator==(const TlsSettings &, const TlsSettings &) = default;
};

} // namespace mws
