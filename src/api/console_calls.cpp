#include "api/console_calls.h"

#include "api/socket_uri.h"
#include "config/configuration_keys.h"
#include "json/json_reader.h"

#include <algorithm>

namespace mws {

namespace {

constexpr std::string_view mainPage = "index.html";

/// RFC 9110 §13.1.2: whether one of the tags that the client has is that of the file. A proxy that compresses
/// makes the tag a weak one; the comparison is weak, too.
bool hasFile(const std::string &ifNoneMatch, std::string_view etag)
{
    return ifNoneMatch == "*" || ifNoneMatch.find(etag) != ifNoneMatch.npos;
}

/// What may stand in a policy: nothing that would begin another source or directive.
bool isPlain(std::string_view origin)
{
    return std::none_of(origin.begin(), origin.end(),
                        [](char c) { return c <= ' ' || c == ';' || c == ',' || c == '\'' || c == '"'; });
}

} // namespace

ConsoleCalls::ConsoleCalls(const ApiServices &services, const Access &access, SocketCalls &sockets)
    : m_services(services), m_access(access), m_sockets(sockets)
{
    m_policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'" +
               socketOrigins() +
               "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
               "require-trusted-types-for 'script'; trusted-types 'none'";
}

std::string ConsoleCalls::socketOrigins() const
{
    const ApiConfig &config = m_services.config;
    std::string text;
    if (!config.publicUrl.empty())
        text = ' ' + webSocketOrigin(config.publicUrl);
    else if (!config.appDomain.empty())
        text = " wss://" + config.appDomain;
    return isPlain(std::string_view(text).substr(std::min<size_t>(1, text.size()))) ? text : std::string();
}

void ConsoleCalls::page(const ApiRequest &request, Respond respond)
{
    respond(answerOf(*findConsolePage(mainPage), request));
}

void ConsoleCalls::file(const ApiRequest &request, Respond respond)
{
    if (request.id.empty()) // from there its files would be elsewhere; relative, for proxies that add a path
        return respond({308, {}, {{"Location", "../console"}}});
    if (request.id == "status.json")
        return respond(status());
    const PageFile *found = request.id == mainPage ? nullptr : findConsolePage(request.id);
    respond(found ? answerOf(*found, request) : errorAnswer({ErrorCode::NotFound, {}, {}}));
}

ApiAnswer ConsoleCalls::answerOf(const PageFile &page, const ApiRequest &request) const
{
    ApiAnswer answer;
    answer.headers = {{"Content-Type", std::string(contentTypeOf(page))},
                      {"Content-Security-Policy", m_policy},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cross-Origin-Opener-Policy", "same-origin"},
                      {"Cross-Origin-Resource-Policy", "same-origin"},
                      {"X-Frame-Options", "DENY"},
                      {"Cache-Control", "no-cache"},
                      {"ETag", std::string(page.etag)}};
    if (hasFile(request.header("if-none-match"), page.etag))
        answer.status = 304;
    else
        answer.body = page.content;
    return answer;
}

ApiAnswer ConsoleCalls::status() const
{
    const bool isSet = !m_services.config.operatorToken.empty();
    return {200,
            isSet ? "{\"operatorToken\":true}" : "{\"operatorToken\":false}",
            {{"Cache-Control", "no-store"}}};
}

void ConsoleCalls::overview(const ApiRequest &request, Respond respond)
{
    if (const auto permitted = m_access.operatorToken(request); !permitted)
        return respond(errorAnswer(permitted.error()));
    const ApiConfig &config = m_services.config;
    std::string body = "{\"version\":";
    appendJsonString(body, config.version);
    body.append(",\"node\":");
    appendJsonString(body, config.node);
    body.append(",\"clustered\":").append(m_services.hub.isClustered() ? "true" : "false");
    body.append(",\"ready\":").append(m_services.notReady().empty() ? "true" : "false");
    body.append(",\"defaultGateway\":");
    appendJsonString(body, m_services.admin.table()->defaultId);
    body.append(",\"publicUrl\":");
    appendJsonString(body, config.publicUrl.empty() && !config.appDomain.empty()
                               ? "https://" + config.appDomain
                               : config.publicUrl);
    body.append(",\"tokenGrace\":")
        .append(std::to_string(std::chrono::duration_cast<std::chrono::seconds>(config.tokenGrace).count()));
    body.append(",\"socketOrigins\":[");
    if (const std::string origins = socketOrigins(); !origins.empty())
        appendJsonString(body, origins.substr(1));
    body.append("],\"configurationKeys\":").append(configurationKeysJson()).push_back('}');
    respond({200, std::move(body), {{"Cache-Control", "no-store"}}});
}

void ConsoleCalls::issueSocket(const ApiRequest &request, Respond respond)
{
    if (const auto permitted = m_access.operatorToken(request); !permitted)
        return respond(errorAnswer(permitted.error()));
    if (const auto known = m_access.gatewaysKnown(); !known)
        return respond(errorAnswer(known.error()));
    if (const auto console = m_services.admin.table()->console)
        return m_sockets.issueTo(console, request, std::move(respond));
    respond(errorAnswer({ErrorCode::NotFound, {}, {}}));
}

} // namespace mws
