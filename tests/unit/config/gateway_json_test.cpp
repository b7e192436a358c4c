#include "config/gateway_json.h"

#include <gtest/gtest.h>

namespace mws {

namespace {

/// What PUT would answer: `property: detail`, or `fine`.
std::string outcome(const std::string &json)
{
    const auto change = parseConfiguration(json, IdKey::Refused);
    if (!change)
        return change.error().property + ": " + change.error().detail;
    GatewayConfig gateway;
    const auto applied = applyPatch(gateway, change->values);
    return applied ? "fine" : applied.error().property + ": " + applied.error().detail;
}

} // namespace

TEST(GatewayJson, WritesAllKeysInTheContractsOrder)
{
    GatewaySettings settings = GatewayConfig().settings;
    EXPECT_EQ(
        configurationJson(settings),
        R"({"name":"","identityProvider":null,"permissions":{"read":[],"write":[]},"accessControl":"none",)"
        R"("clientMessages":"ignore","allowedOrigins":["*"],"subprotocols":null,)"
        R"("anonymousSockets":{"enabled":false,"tags":[]},"limits":{"tagsPerSocket":64,"tagLength":128,)"
        R"("tagBytes":2048,"receiversPerMessage":10000,"messagesPerBatch":1000,"queueBytes":1048576,)"
        R"("clientMessageBytes":1048576,"clientMessageFragments":1024,"controlFramesPerSecond":100,)"
        R"("sockets":0,"reservations":1000000,"reservation":300,"slowReaders":"close",)"
        R"("messagesPerSecond":0,"reservationsPerSecond":0,"socketsPerSecond":0,)"
        R"("clientMessagesPerSecond":0,"socketsPerAddress":0,"burst":1},"events":null,"reuse":false,)"
        R"("publicUrl":null})");
    settings.name = "a \"b\"";
    settings.identityProvider = {"http://eds", "id"};
    settings.subprotocols = std::vector<std::string>{"mqtt"};
    const std::string json = configurationJson(settings);
    EXPECT_TRUE(
        json.starts_with(R"({"name":"a \"b\"","identityProvider":{"type":"eds","edsUri":"http://eds",)"
                         R"("backendId":"id"})"));
    EXPECT_NE(json.find(R"("subprotocols":["mqtt"])"), std::string::npos);
}

TEST(GatewayJson, TakesWhatItWrites)
{
    GatewayConfig gateway;
    gateway.settings.name = "x";
    gateway.settings.identityProvider = {"http://eds/v1/user", "id"};
    gateway.settings.permissions = {{"*"}, {"users.1"}};
    gateway.settings.accessControl = AccessControl::Eds;
    gateway.settings.clientMessages = ClientMessages::Echo;
    gateway.settings.subprotocols = std::vector<std::string>{"mqtt"};
    gateway.settings.limits.reservation = std::chrono::seconds(7);
    gateway.settings.publicUrl = "https://p";
    gateway.settings.reuse = true;
    const auto change = parseConfiguration(configurationJson(gateway.settings), IdKey::Refused);
    ASSERT_TRUE(change);
    GatewayConfig other;
    ASSERT_TRUE(applyPatch(other, change->values));
    EXPECT_EQ(other.settings, gateway.settings);
}

TEST(GatewayJson, ShowsEventsWithoutTheirSecrets)
{
    GatewayConfig gateway;
    gateway.settings.events.url = "https://backend.example.com/events";
    gateway.settings.events.secrets = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
    gateway.settings.events.types = {"connected", "message"};
    gateway.settings.events.fold = std::chrono::seconds(5);
    const std::string json = configurationJson(gateway.settings);
    EXPECT_NE(
        json.find(
            R"(,"events":{"url":"https://backend.example.com/events","types":["connected","message"],)"
            R"("fold":5,"timeout":15,"giveUp":86400,"connect":false,"connectOptional":false,"connectTimeout":5},)"),
        std::string::npos);
    const auto change = parseConfiguration(json, IdKey::Refused);
    ASSERT_TRUE(change);
    GatewayConfig other;
    other.settings.events.secrets = gateway.settings.events.secrets; // stay as they are
    ASSERT_TRUE(applyPatch(other, change->values));
    EXPECT_EQ(other.settings, gateway.settings);
}

TEST(GatewayJson, RefusesWithTheProperty)
{
    const std::vector<std::pair<std::string, std::string>> cases{
        {"{}", "fine"},
        {R"({"events":null,"identityProvider":{"type":"eds","edsUri":"http://x","edsBackendId":"y"}})",
         "fine"},
        {R"({"limits":{"sokets":1}})", "limits.sokets: no such key; did you mean sockets?"},
        {R"({"nam":"x"})", "nam: no such key; did you mean name?"},
        {R"({"id":"x"})", "id: no such key"},
        {R"({"limits":5})", "limits: expected an object"},
        {R"({"events":{"secrets":["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw","whsec_secret"]}})",
         "events.secrets[1]: expected whsec_ and base64 of 24 to 64 bytes"},
        {R"({"events":{"types":["opened"]}})",
         "events.types[0]: expected connected, disconnected or message, found \"opened\""},
        {R"({"events":{"allowPrivate":true}})", "events.allowPrivate: no such key"},
        {R"({"events":{"queue":1000}})", "events.queue: no such key"},
        {R"({"limits":{"sockets":-1}})",
         "limits.sockets: expected an integer from 0 to 1000000000, found -1"},
        {R"({"limits":{"sockets":1.5}})", "limits.sockets: expected an integer from 0 to 1000000000, found a "
                                          "number that is not whole or too large"},
        {R"({"limits":{"sockets":1e300}})",
         "limits.sockets: expected an integer from 0 to 1000000000, found a "
         "number that is not whole or too large"},
        {R"({"limits":{"reservation":86401}})",
         "limits.reservation: expected a duration from 1s to 24h (seconds, or such as \"45s\", \"500ms\", "
         "\"5m\"), found 86401"},
        {R"({"name":5})", "name: expected a string, found 5"},
        {R"({"reuse":"yes"})", "reuse: expected true or false, found \"yes\""},
        {R"({"accessControl":"oauth"})",
         "accessControl: expected one of none, eds, custom, jwt, found \"oauth\""},
        {R"({"events":{"url":"x"}})", "events.url: expected an http or https URL without user and fragment"},
        {R"({"identityProvider":{"type":"ldap"}})", "identityProvider.type: expected \"eds\" or \"jwt\""},
        {R"({"permissions":{"read":["*","john"]}})",
         "permissions.read[1]: expected `*` or objectType.id, such as \"users.5419\", found \"john\""},
        {R"({"permissions":{"read":[7]}})",
         "permissions.read: expected a list of strings, found a list whose item 0 is not a string"},
        {R"({"allowedOrigins":["x"]})",
         "allowedOrigins[0]: expected `*`, `null` or an origin such as \"https://app.example.com\" or "
         "\"https://*.example.com\", found \"x\""},
        {R"({"anonymousSockets":{"enabled":1}})",
         "anonymousSockets.enabled: expected true or false, found 1"},
        {"[]", ": the body is not a JSON object"},
        {std::string(17, '[') + std::string(17, ']'), ": the JSON is nested too deep"},
    };
    for (const auto &[json, expected] : cases)
        EXPECT_EQ(outcome(json), expected) << json;
    EXPECT_TRUE(outcome("{\"name\":").starts_with(": the body is not JSON: "));
    EXPECT_TRUE(outcome("").starts_with(": the body is not JSON: "));
}

TEST(GatewayJson, ClearsWhatIsNull)
{
    const auto change =
        parseConfiguration(R"({"permissions":null,"limits":{"sockets":null},"name":"n"})", IdKey::Refused);
    ASSERT_TRUE(change);
    const GatewayPatch patch = changed(
        {{"permissions.read", QJsonValue()}, {"limits.sockets", 5}, {"limits.tagLength", 9}}, *change);
    EXPECT_EQ(patch, (GatewayPatch{{"limits.tagLength", 9}, {"name", QStringLiteral("n")}}));
}

TEST(GatewayJson, TakesAnIdOnlyWhereAllowed)
{
    EXPECT_EQ(parseConfiguration(R"({"id":"players"})", IdKey::Allowed)->id, "players");
    EXPECT_EQ(parseConfiguration(R"({"id":null})", IdKey::Allowed)->id, "");
    EXPECT_EQ(parseConfiguration(R"({"id":""})", IdKey::Allowed).error().property, "id");
    EXPECT_EQ(parseConfiguration(R"({"id":7})", IdKey::Allowed).error().property, "id");
}

} // namespace mws
