#include "certificate_files.h"
#include "tls/tls_context.h"

#include <gmock/gmock.h>

namespace mws::test {

using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class TlsFiles : public CertificateFiles
{
protected:
    /// The error of reading them; empty if they are good.
    std::string problem(std::chrono::hours later = {})
    {
        const auto loaded = TlsContext::load(settings, std::chrono::system_clock::now() + later);
        warnings = loaded ? loaded->warnings : std::vector<std::string>();
        return loaded ? std::string() : loaded.error().detail;
    }
    std::vector<std::string> warnings;
};

TEST_F(TlsFiles, GoodOnesAreReadAndNamed)
{
    const auto loaded = TlsContext::load(settings, std::chrono::system_clock::now());
    ASSERT_TRUE(loaded) << loaded.error().detail;
    EXPECT_THAT(loaded->warnings, IsEmpty());
    const CertificateInfo &info = loaded->context->certificate();
    EXPECT_EQ(info.subject, "CN=mws unit");
    EXPECT_EQ(info.serial, "4D");
    EXPECT_GT(info.validUntil, std::chrono::system_clock::now() + hours(23));
    EXPECT_LT(info.validFrom, std::chrono::system_clock::now());
}

TEST_F(TlsFiles, MissingOnesAreNamedWithTheirOption)
{
    settings.key = path("none.pem");
    EXPECT_EQ(problem(), path("none.pem").string() + ": cannot be read: No such file or directory (tls.key)");
    settings.certificate = path("nothing.pem");
    EXPECT_EQ(problem(),
              path("nothing.pem").string() + ": cannot be read: No such file or directory (tls.certificate)");
    settings.certificate = path("");
    EXPECT_THAT(problem(), HasSubstr(": cannot be read: Is a directory (tls.certificate)"));
}

TEST_F(TlsFiles, WhatIsNotPemIsRefused)
{
    write("cert.pem", "hello\n");
    EXPECT_EQ(problem(), path("cert.pem").string() + ": has no certificate in PEM form (tls.certificate)");
    write("cert.pem", "");
    EXPECT_THAT(problem(), HasSubstr("has no certificate in PEM form"));
    write("cert.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    EXPECT_THAT(problem(), HasSubstr("a certificate in it is broken: "));
}

TEST_F(TlsFiles, BrokenCertificateBehindAGoodOneIsRefused)
{
    write("cert.pem", text("cert.pem") + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    EXPECT_THAT(problem(), HasSubstr("a certificate in it is broken: "));
    make("cert.pem", "key.pem", 1);
    write("cert.pem", text("cert.pem") + text("cert.pem").substr(0, 200));
    EXPECT_THAT(problem(), HasSubstr("a certificate in it is broken: "));
}

TEST_F(TlsFiles, WhatIsNoKeyIsRefused)
{
    write("key.pem", text("cert.pem"));
    EXPECT_THAT(problem(), StartsWith(path("key.pem").string() + ": has no private key in PEM form"));
}

TEST_F(TlsFiles, KeyOfAnotherCertificateIsRefused)
{
    make("other.pem", "key.pem", 2);
    EXPECT_EQ(problem(), path("key.pem").string() + ": is not the key of the first certificate in " +
                             path("cert.pem").string() + " (tls.key)");
}

TEST_F(TlsFiles, EncryptedKeyIsRefusedWithTheWayOut)
{
    make("cert.pem", "key.pem", 3, "open sesame");
    EXPECT_THAT(problem(),
                StartsWith(path("key.pem").string() + ": the key is encrypted; decrypt it with: "));
}

TEST_F(TlsFiles, HugeFileIsRefused)
{
    write("cert.pem", std::string((4 << 20) + 1, '\n'));
    EXPECT_THAT(problem(), HasSubstr("is larger than 4 MiB"));
}

TEST_F(TlsFiles, CertificateOutOfItsTimeIsAWarning)
{
    EXPECT_EQ(problem(hours(48)), "");
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("cert.pem: the certificate has expired")));
    EXPECT_EQ(problem(hours(-48)), "");
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("cert.pem: the certificate is not valid yet")));
}

TEST_F(TlsFiles, KeyThatEverybodyMayReadIsAWarning)
{
    std::filesystem::permissions(path("key.pem"), std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    EXPECT_EQ(problem(), "");
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("key.pem: everybody on this machine may read the key")));
}

TEST_F(TlsFiles, ClientAuthoritiesAreReadOnlyWhereTheyAreAsked)
{
    settings.clientCa = path("none.pem");
    EXPECT_EQ(problem(), "");
    settings.clientCertificates = ClientCertificates::Optional;
    EXPECT_THAT(problem(), HasSubstr("No such file or directory (tls.client_ca)"));
    settings.clientCa = path("key.pem");
    EXPECT_THAT(problem(), HasSubstr("has no certificate in PEM form (tls.client_ca)"));
    settings.clientCa = path("cert.pem");
    EXPECT_EQ(problem(), "");
}

} // namespace mws::test
