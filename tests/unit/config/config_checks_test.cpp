#include "config/config_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ConfigChecks, RefusesAnonymousSocketsOutsideModeNone)
{
    const LoadedConfig loaded =
        loadConfig(ConfigText{"gw.toml", "[gateway]\naccess_control='custom'\nanonymous_sockets=true\n"}, {});
    EXPECT_THAT(loaded.errors,
                ElementsAre("gw.toml:3: gateway.anonymous_sockets: sockets without a token are only "
                            "for access control none"));
}

TEST(ConfigChecks, EventsNeedASecretAndAPublicAddress)
{
    const auto errors = [](const std::string &text) {
        return loadConfig(ConfigText{"gw.toml", "[gateway]\n" + text}, {}).errors;
    };
    const std::string secrets = "events_secrets = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']\n";
    const std::string notPublic =
        "gw.toml:2: gateway.events_url: its address is not public; only the operator can allow that, with "
        "events_allow_private in file or environment";
    EXPECT_THAT(errors("events_url = 'https://backend.example.com/'\n" + secrets), IsEmpty());
    EXPECT_THAT(errors("events_url = 'https://backend.example.com/'\n"),
                ElementsAre("gateway.events_secrets: needed to sign events, as there is an event URL"));
    for (const std::string host :
         {"localhost", "127.0.0.1:8000", "[::1]", "10.1.2.3", "169.254.169.254", "[::ffff:192.168.0.1]", "0"})
        EXPECT_THAT(errors("events_url = 'http://" + host + "/'\n" + secrets), ElementsAre(notPublic))
            << host;
    EXPECT_THAT(errors("events_url = 'http://localhost/'\nevents_allow_private = true\n" + secrets),
                IsEmpty());
}

TEST(ConfigChecks, NamesWhatIsMissingForTls)
{
    const auto errors = [](const std::string &text) {
        return loadConfig(ConfigText{"gw.toml", "[tls]\n" + text}, {}).errors;
    };
    EXPECT_THAT(errors("certificate = 'c'\nkey = 'k'\n"), IsEmpty());
    EXPECT_THAT(errors("certificate = ''\n"), IsEmpty());
    EXPECT_THAT(errors("certificate = 'c'\n"), ElementsAre("tls.key: needed, as tls.certificate is set"));
    EXPECT_THAT(errors("key = 'k'\n"),
                ElementsAre("gw.toml:2: tls.key: needs tls.certificate, which is not set"));
    EXPECT_THAT(errors("certificate = 'c'\nkey = 'k'\nclient_certificates = 'required'\n"),
                ElementsAre("tls.client_ca: needed, as tls.client_certificates is not none"));
    EXPECT_THAT(errors("certificate = 'c'\nkey = 'k'\nclient_ca = 'a'\n"),
                ElementsAre("gw.toml:4: tls.client_ca: of no use, as tls.client_certificates is none: set "
                            "optional or required"));
    EXPECT_THAT(errors("client_certificates = 'optional'\nclient_ca = 'a'\n"),
                ElementsAre("gw.toml:2: tls.client_certificates: needs tls.certificate, which is not set"));
    EXPECT_THAT(errors("minimum_version = '1.1'\n"),
                ElementsAre("gw.toml:2: tls.minimum_version: expected one of 1.2, 1.3, found \"1.1\""));
}

TEST(ConfigChecks, HoldsAnonymousTagsToTheLimits)
{
    GatewaySettings settings;
    settings.anonymousSockets = {true, {"four", "five"}};
    EXPECT_FALSE(settingsConflict(settings));
    settings.limits.tagsPerSocket = 1;
    EXPECT_EQ(settingsConflict(settings)->json, "anonymousSockets.tags");
    settings.limits = {};
    settings.limits.tagLength = 3;
    EXPECT_EQ(settingsConflict(settings)->text, "a tag is longer than the 3 bytes that a tag may have");
    settings.limits = {};
    settings.limits.tagBytes = 7;
    EXPECT_TRUE(settingsConflict(settings));
}

TEST(ConfigChecks, RefusesLimitsOfConnectionsBehindAProxy)
{
    const LoadedConfig loaded = loadConfig(
        ConfigText{"gw.toml", "[server]\ntrust_forwarded=true\n[limits]\nconnections_per_address=5\n"},
        {{"MWS_LIMITS_CONNECTIONS_PER_SECOND", "3"}});
    EXPECT_THAT(
        loaded.errors,
        ElementsAre(
            testing::StartsWith("gw.toml:4: limits.connections_per_address: makes no sense with "
                                "server.trust_forwarded"),
            testing::StartsWith("MWS_LIMITS_CONNECTIONS_PER_SECOND: limits.connections_per_second: ")));
    EXPECT_THAT(loadConfig(ConfigText{"x", "[limits]\nconnections_per_address=5\n"}, {}).errors, IsEmpty());
}

TEST(ConfigChecks, NamesAnExemptNetworkThatIsNone)
{
    const LoadedConfig loaded =
        loadConfig(ConfigText{"gw.toml", "[limits]\nexempt=['10.0.0.0/8','home']\n"}, {});
    EXPECT_THAT(loaded.errors,
                ElementsAre(testing::AllOf(testing::HasSubstr("limits.exempt"), testing::HasSubstr("home"))));
}

TEST(ConfigChecks, WarnsOfOpenGatewaysOnPublicAddresses)
{
    const auto warnings = [](const Environment &environment) {
        return loadConfig(std::nullopt, environment).config.warnings;
    };
    EXPECT_THAT(
        warnings({{"PORT", "80"}, {"SECURITY_TOKEN", "t"}}),
        ElementsAre("gateway default is in mode none on a public address: anyone may fetch URIs and post "
                    "messages; set ACCESS_CONTROL"));
    EXPECT_THAT(warnings({{"MWS_SERVER_ADDRESS", "::1"}, {"SECURITY_TOKEN", "t"}}), IsEmpty());
    EXPECT_THAT(
        warnings({{"ACCESS_CONTROL", "eds"}, {"SECURITY_TOKEN", "t"}}),
        ElementsAre("gateway default is in mode eds without an Enginio server: access tokens are answered "
                    "503; set EDS_URI"));
}

TEST(ConfigChecks, RefusesOriginPatternsWithoutASchemeAndWarnsOfVeryWideOnes)
{
    const auto load = [](const std::string &origin) {
        return loadConfig(
            ConfigText{"gw.toml", "[gateway]\nsecurity_token='t'\nallowed_origins=['" + origin + "']\n"}, {});
    };
    EXPECT_THAT(
        load("*.example.com").errors,
        ElementsAre("gw.toml:3: gateway.allowed_origins[0]: expected `*`, `null` or an origin such as "
                    "\"https://app.example.com\" or \"https://*.example.com\", found \"*.example.com\""));
    EXPECT_THAT(
        load("https://*.com").config.warnings,
        ElementsAre("gateway default allows the origins of a whole top-level domain (allowed_origins)"));
    EXPECT_THAT(load("http://*.localhost:3000").config.warnings, IsEmpty());
    EXPECT_THAT(load("https://*.example.com").config.warnings, IsEmpty());
}

TEST(ConfigChecks, WantsAKeyForModeJwt)
{
    const auto load = [](const std::string &key) {
        return loadConfig(
            ConfigText{"gw.toml", "[gateway]\nsecurity_token='t'\naccess_control='jwt'\n" + key}, {});
    };
    EXPECT_THAT(
        load("").errors,
        ElementsAre("gw.toml:3: gateway.access_control: mode jwt needs a key that verifies access tokens: "
                    "jwt_secret, jwt_public_key or jwt_jwks (identityProvider.jwksUri)"));
    for (const char *key : {"jwt_secret='a-shared-secret-of-at-least-32-bytes'", "jwt_public_key='/k.pem'",
                            "jwt_jwks='/jwks.json'", "jwt_jwks='https://id.example.com/jwks?p=1'",
                            "jwt_jwks='http://127.0.0.1:8081/jwks'", "jwt_jwks='http://localhost/jwks'"}) {
        EXPECT_THAT(load(key).errors, IsEmpty()) << key;
        EXPECT_THAT(load(key).config.warnings, IsEmpty()) << key;
    }
    EXPECT_THAT(load("jwt_jwks='http://id.example.com/jwks'").config.warnings,
                ElementsAre(testing::HasSubstr("without TLS")));
    for (const char *key :
         {"jwt_jwks='https://user:word@id.example.com/'", "jwt_jwks='ftp://x/y'", "jwt_jwks='file:///x'",
          "jwt_public_key='https://id.example.com/'", "jwt_secret='short'", "jwt_algorithms=['none']",
          "jwt_algorithms=[]", "jwt_audience=['']", "jwt_leeway=601"}) {
        const auto errors = load(key).errors;
        ASSERT_FALSE(errors.empty()) << key;
        EXPECT_THAT(errors[0], testing::AllOf(testing::HasSubstr("gw.toml:4: gateway.jwt_"),
                                              testing::Not(testing::HasSubstr("word@"))));
    }
}

} // namespace mws
