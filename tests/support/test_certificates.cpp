#include "support/test_certificates.h"

#include <gtest/gtest.h>

namespace mws::test {

GatewayRun runProgram(const std::vector<std::string> &command, const std::string &input,
                      std::chrono::milliseconds wait)
{
    const TemporaryFolder folder;
    writeFile(folder.path() / "input", input);
    std::vector<std::string> all{"/bin/sh", "-c", "exec \"$@\" < input", "sh"};
    all.insert(all.end(), command.begin(), command.end());
    ChildProcess process(all, {}, folder.path().string());
    const auto exitCode = process.waitForExit(wait);
    return {exitCode, process.output(), process.errors()};
}

TestCertificates::TestCertificates()
{
    make("ca");
    make("other-ca");
    make("server", "ca");
    make("client", "ca");
    make("stranger", "other-ca");
}

void TestCertificates::make(const std::string &name, const std::string &authority) const
{
    std::vector<std::string> command{"openssl",
                                     "req",
                                     "-x509",
                                     "-newkey",
                                     "ec",
                                     "-pkeyopt",
                                     "ec_paramgen_curve:P-256",
                                     "-nodes",
                                     "-days",
                                     "30",
                                     "-subj",
                                     "/CN=mws test " + name,
                                     "-keyout",
                                     key(name),
                                     "-out",
                                     certificate(name)};
    if (!authority.empty())
        command.insert(command.end(), {"-CA", certificate(authority), "-CAkey", key(authority), "-addext",
                                       "subjectAltName=IP:127.0.0.1,DNS:localhost", "-addext",
                                       "basicConstraints=critical,CA:false"});
    const GatewayRun made = runProgram(command);
    EXPECT_EQ(made.exitCode, 0) << made.errors;
}

std::shared_ptr<const TlsClient> TestCertificates::client(const std::string &own) const
{
    TlsClient client{.authorities = certificate("ca")};
    if (!own.empty()) {
        client.certificate = certificate(own);
        client.key = key(own);
    }
    return std::make_shared<const TlsClient>(client);
}

} // namespace mws::test
