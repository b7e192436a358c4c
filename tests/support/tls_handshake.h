#pragma once

#include "support/raw_connection.h"

#include <memory>
#include <openssl/ssl.h>
#include <string>

namespace mws::test {

/// A client's handshake on a connected, non-blocking descriptor; null if it fails. In TLS 1.3 a server that
/// refuses the client's certificate says so only afterwards.
std::shared_ptr<SSL> makeTlsHandshake(const TlsClient &client, int descriptor, const Deadline &deadline);

/// The serial number of the peer's certificate, hexadecimal; empty if it has none.
std::string peerSerial(const SSL &tls);

} // namespace mws::test
