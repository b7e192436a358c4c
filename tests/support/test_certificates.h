#pragma once

#include "support/gateway_process.h"

#include <string>
#include <vector>

namespace mws::test {

/// Runs a program found in PATH until it ends; its exit code is -1 if it does not in time. `input` is what it
/// reads.
GatewayRun runProgram(const std::vector<std::string> &command, const std::string &input = {},
                      std::chrono::milliseconds wait = patience);

/// Certificates for 127.0.0.1 and localhost in files of a folder, made by the openssl command: `ca` signs
/// `server` and `client`, `other-ca` signs `stranger`.
class TestCertificates
{
public:
    TestCertificates();

    std::string certificate(const std::string &name) const { return file(name + ".pem"); }
    std::string key(const std::string &name) const { return file(name + ".key"); }
    std::string file(const std::string &name) const { return (m_folder.path() / name).string(); }
    const std::filesystem::path &folder() const { return m_folder.path(); }
    /// Makes `name` anew, signed by `authority`; by itself if that is empty.
    void make(const std::string &name, const std::string &authority = {}) const;

    /// What turns TLS on in a gateway.
    Environment environment() const
    {
        return {{"MWS_TLS_CERTIFICATE", certificate("server")}, {"MWS_TLS_KEY", key("server")}};
    }
    /// A client that trusts `ca` and shows the certificate `own`; none if that is empty.
    std::shared_ptr<const TlsClient> client(const std::string &own = {}) const;

private:
    TemporaryFolder m_folder;
};

} // namespace mws::test
