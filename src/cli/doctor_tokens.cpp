#include "base/iso_time.h"
#include "cli/doctor.h"
#include "mws/domain/origin.h"
#include "tls/tls_context.h"

#include <algorithm>
#include <array>

namespace mws::cli {

namespace {

constexpr size_t shortToken = 16;
constexpr auto soon = std::chrono::hours(24 * 21);
/// What is guessed first.
constexpr std::array<std::string_view, 12> weakTokens{"secret",  "password", "changeme", "token",
                                                      "test",    "admin",    "operator", "backend",
                                                      "default", "123456",   "a-token",  "mws"};

bool isWeak(const SecretDigest &token)
{
    return std::any_of(weakTokens.begin(), weakTokens.end(),
                       [&](std::string_view candidate) { return token.matches(candidate); });
}

/// Its length is known only where the environment has it, as the configuration keeps a digest.
bool isShort(const SecretDigest &token, const std::string &variable)
{
    return !variable.empty() && variable.size() < shortToken && token.matches(variable);
}

Check checkOne(const std::string &name, const SecretDigest &token, const std::string &variable,
               const std::string &without, const std::string &where)
{
    const std::string fix = "Set " + where + " to the output of: openssl rand -hex 32";
    if (token.empty())
        return {name, Check::Status::Warning, "none is set: " + without, fix};
    if (isWeak(token))
        return {name, Check::Status::Failed, "it is a word that is guessed at once", fix};
    if (isShort(token, variable))
        return {name, Check::Status::Warning, "it is shorter than 16 characters, and can be guessed", fix};
    return Check::ok(name, "it is set");
}

Check checkSecurityToken(const GatewayConfig &gateway, const std::string &variable)
{
    if (gateway.securityToken.empty() && !gateway.furtherSecurityTokens.empty())
        return Check::ok("security token of " + gateway.id, "it has some in security_tokens");
    return checkOne("security token of " + gateway.id, gateway.securityToken, variable,
                    "no backend can reserve sockets with tags, list or close them",
                    "SECURITY_TOKEN (gateway.security_token)");
}

/// Pages that the gateway's own address serves, such as the console, send this origin.
std::optional<Check> checkOrigins(const GatewayConfig &gateway, const QUrl &publicUrl)
{
    QUrl origin = publicUrl.adjusted(QUrl::RemovePath | QUrl::RemoveQuery);
    const std::string text = origin.toString(QUrl::StripTrailingSlash).toStdString();
    const std::string name = "allowed origins of " + gateway.id;
    if (originAllowed(gateway.settings.allowedOrigins, text))
        return Check::ok(name, "pages of " + text + " may open sockets");
    return Check{name, Check::Status::Warning,
                 "pages of " + text + ", the public URL, may not open sockets: browsers are refused with 403",
                 "Add it to allowed_origins, unless no page of that address uses this gateway."};
}

} // namespace

std::vector<Check> checkTokens(const Patient &patient)
{
    const ServiceConfig &config = patient.config;
    std::vector<Check> checks{checkSecurityToken(config.gateway, patient.context.variable("SECURITY_TOKEN"))};
    for (const GatewayConfig &gateway : config.gateways)
        checks.push_back(checkSecurityToken(gateway, {}));
    checks.push_back(checkOne("operator token", config.server.operatorToken,
                              patient.context.variable("OPERATOR_TOKEN"),
                              "gateways cannot be made or listed, and the console does not open",
                              "OPERATOR_TOKEN (server.operator_token)"));
    const std::string ofOperator =
        config.server.operatorToken.hex(); // both are the operator's own: nobody guesses
    if (!config.server.operatorToken.empty() && ofOperator == config.gateway.securityToken.hex())
        checks.push_back(
            {"operator token", Check::Status::Warning,
             "it is the security token of " + config.gateway.id + " as well: every backend is the operator",
             "Give the operator a token of its own: openssl rand -hex 32"});
    const auto publicUrl = publicUrlOf(config);
    if (!publicUrl)
        return checks;
    if (const auto check = checkOrigins(config.gateway, *publicUrl))
        checks.push_back(*check);
    for (const GatewayConfig &gateway : config.gateways)
        if (const auto check = checkOrigins(gateway, *publicUrl))
            checks.push_back(*check);
    return checks;
}

std::vector<Check> checkTls(const Patient &patient)
{
    const ServiceConfig &config = patient.config;
    if (!config.tls.isOn())
        return {
            Check::skipped("certificate", "the gateway itself speaks no TLS (tls.certificate is not set)")};
    const auto loaded = TlsContext::load(config.tls, std::chrono::system_clock::now());
    if (!loaded)
        return {{"certificate", Check::Status::Failed, loaded.error().detail,
                 "Mend or replace the file that it names; tls.certificate and tls.key say which."}};
    const CertificateInfo &info = loaded->context->certificate();
    const auto left = info.validUntil - std::chrono::system_clock::now();
    const std::string until = info.subject + ", valid until " + isoTime(info.validUntil);
    if (left < std::chrono::seconds(0))
        return {{"certificate", Check::Status::Failed, until + ": it has expired, and clients refuse it",
                 "Renew it and send the gateway SIGHUP."}};
    if (left < soon)
        return {{"certificate", Check::Status::Warning, until + ": that is soon",
                 "Renew it and send the gateway SIGHUP."}};
    return {Check::ok("certificate", until)};
}

} // namespace mws::cli
