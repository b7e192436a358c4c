#include "api/socket_calls.h"

#include "api/query.h"
#include "api/socket_uri.h"
#include "domain/tag_rules.h"
#include "mws/base/random.h"
#include "protocol/close_codes.h"
#include "token/token_codec.h"
#include "json/json_reader.h"

namespace mws {

namespace {

constexpr size_t tokenIdLength = 22; ///< 131 bits
constexpr size_t largestPage = 10000;
constexpr size_t largestAskedPage = 1000;
constexpr size_t maxReasonBytes = 123; ///< RFC 6455 §5.5: 125 less the code

void appendTags(std::string &out, const std::vector<Tag> &tags)
{
    out.append("\"tags\":[");
    for (size_t i = 0; i < tags.size(); ++i) {
        if (i > 0)
            out.push_back(',');
        appendJsonString(out, tags[i]);
    }
    out.push_back(']');
}

/// `"id":…,"connectedAt":…,"tags":…`
void appendSocket(std::string &out, const SocketInfo &socket)
{
    out.append("\"id\":\"").append(socket.id.view()).append("\",\"connectedAt\":\"");
    out.append(isoTime(socket.connectedAt)).append("\",");
    appendTags(out, socket.tags);
}

/// `,"user":…,"remote":…`
void appendClient(std::string &out, const SocketInfo &socket)
{
    if (!socket.user.empty()) {
        out.append(",\"user\":");
        appendJsonString(out, socket.user);
    }
    out.append(",\"remote\":");
    appendJsonString(out, socket.remote);
}

void appendQueue(std::string &out, const SocketInfo &socket)
{
    out.append(",\"queuedBytes\":").append(std::to_string(socket.queuedBytes));
}

std::string describe(const SocketInfo &socket)
{
    std::string text = "{";
    appendSocket(text, socket);
    appendQueue(text, socket);
    appendClient(text, socket);
    text.push_back('}');
    return text;
}

/// What a list says of each socket.
enum class ListDetails {
    None,
    Client, ///< user and remote
    All,    ///< also its queue, which only its own node knows
};

std::string describe(const SocketPage &page, ListDetails details)
{
    std::string text = "{\"results\":[";
    for (const SocketInfo &socket : page.sockets) {
        text.append(text.back() == '[' ? "{" : ",{");
        appendSocket(text, socket);
        if (details == ListDetails::All)
            appendQueue(text, socket);
        if (details != ListDetails::None)
            appendClient(text, socket);
        text.push_back('}');
    }
    text.push_back(']');
    if (page.more && !page.sockets.empty())
        text.append(",\"cursor\":\"").append(page.sockets.back().id.view()).append("\"");
    text.push_back('}');
    return text;
}

/// `"uri":…,"expiresAt":…,"tags":…`
std::string describe(const Reservation &reservation, const std::string &uri)
{
    std::string text = "\"uri\":";
    appendJsonString(text, uri);
    text.append(",\"expiresAt\":\"").append(isoTime(reservation.expiresAt)).append("\",");
    appendTags(text, reservation.tags);
    return text;
}

Error noSuchSocket()
{
    return {ErrorCode::NotFound, "No such socket", {}};
}

ApiAnswer describedAnswer(const Result<SocketInfo> &socket)
{
    if (socket)
        return {200, describe(*socket), {}};
    return errorAnswer(socket.error().code == ErrorCode::NotFound ? noSuchSocket() : socket.error());
}

/// What `?code=&reason=` ask for.
struct Closing
{
    CloseCode code = CloseCode::Normal;
    std::string reason;
};

Result<Closing> closingOf(std::string_view query, Closing closing)
{
    const auto code = queryNumber(query, "code", 1000, 4999);
    if (!code)
        return Unexpected(code.error());
    if (*code && !isBackendCloseCode(**code))
        return Unexpected(ErrorCode::InvalidData, "Must be 1000, 1001, 1008, 1011–1014 or 3000–4999", "code");
    const auto reason = queryValue(query, "reason");
    if (!reason)
        return Unexpected(reason.error());
    if (*reason && (*reason)->size() > maxReasonBytes)
        return Unexpected(ErrorCode::InvalidData, "Longer than 123 bytes", "reason");
    if (*code)
        closing = {CloseCode(**code), {}};
    if (*reason)
        closing.reason = **reason;
    return closing;
}

Result<SocketFilter> filterOf(std::string_view query)
{
    auto tag = queryValue(query, "tag");
    auto user = queryValue(query, "user");
    const auto issuedBefore = queryTime(query, "issuedBefore");
    if (!tag || !user)
        return Unexpected(tag ? user.error() : tag.error());
    if (!issuedBefore)
        return Unexpected(issuedBefore.error());
    if (!*tag && !*user && !*issuedBefore)
        return Unexpected(ErrorCode::InvalidData, "One of tag, user and issuedBefore is required", "tag");
    return SocketFilter{std::move(*tag), std::move(*user), *issuedBefore};
}

} // namespace

SocketCalls::SocketCalls(const ApiServices &services, const Access &access)
    : m_services(services), m_access(access), m_guard(services), m_parser(services.config.jsonDepth)
{}

void SocketCalls::issue(const std::shared_ptr<const Gateway> &gateway, const IpAddress &client,
                        const std::string &origin, SocketRequest &&request,
                        std::function<void(Result<Issued>)> done)
{
    if (!m_services.hub.isReachable())
        return done(Unexpected(temporarilyUnavailable("The broker cannot be reached")));
    if (const auto may = m_guard.reservation(*gateway, client); !may)
        return done(Unexpected(may.error()));
    Reservation reservation;
    reservation.socketId = SocketId::random();
    reservation.tags = std::move(request.tags);
    reservation.user = std::move(request.user);
    reservation.clientMessages = request.clientMessages;
    reservation.reuse = request.reuse.value_or(gateway->settings.reuse);
    reservation.tokenId = randomAlphanumeric(tokenIdLength);
    reservation.issuedAt = std::chrono::floor<std::chrono::seconds>(m_services.clock.wall());
    reservation.expiresAt =
        reservation.issuedAt + request.expiresIn.value_or(gateway->settings.limits.reservation);
    const auto token = signToken(*gateway, reservation);
    if (!token)
        return done(Unexpected(token.error()));
    const Issued issued{std::move(reservation), socketUri(origin, gateway->id, *token)};
    m_services.hub.reserve(gateway, issued.reservation,
                           [issued, done = std::move(done)](const Result<void> &reserved) {
                               reserved ? done(issued) : done(Unexpected(reserved.error()));
                           });
}

void SocketCalls::issueUri(const ApiRequest &request, Respond respond)
{
    const auto gateway = m_access.gateway(request);
    if (!gateway)
        return respond(errorAnswer(gateway.error()));
    const auto origin = socketOrigin(**gateway, m_services.config, request);
    const auto go = [this, gateway = *gateway, origin, client = m_guard.client(request)](
                        std::string_view, const Identity *user, const Respond &answer) {
        if (!origin)
            return answer(errorAnswer(origin.error()));
        SocketRequest wanted;
        if (user) {
            wanted.user = user->userId;
            wanted.tags = user->subjects();
        }
        if (const auto checked = checkTags(wanted.tags, gateway->settings.limits, "tags"); !checked)
            return answer(errorAnswer(checked.error()));
        issue(gateway, client, *origin, std::move(wanted), [answer](const Result<Issued> &issued) {
            answer(issued ? secretAnswer(200, "{" + describe(issued->reservation, issued->uri) + "}")
                          : errorAnswer(issued.error()));
        });
    };
    m_access.whenPermitted(*gateway, Permission::Read, request, std::move(respond), go);
}

void SocketCalls::issueTo(const std::shared_ptr<const Gateway> &gateway, const ApiRequest &request,
                          Respond respond)
{
    const auto origin = socketOrigin(*gateway, m_services.config, request);
    if (!origin)
        return respond(errorAnswer(origin.error()));
    issue(gateway, m_guard.client(request), *origin, {},
          [respond = std::move(respond)](const Result<Issued> &issued) {
              respond(issued ? secretAnswer(201, "{" + describe(issued->reservation, issued->uri) + "}")
                             : errorAnswer(issued.error()));
          });
}

void SocketCalls::create(const ApiRequest &request, Respond respond)
{
    const auto gateway = m_access.administered(request);
    if (!gateway)
        return respond(errorAnswer(gateway.error()));
    auto wanted = m_parser.parse(request.body, (*gateway)->settings);
    if (!wanted)
        return respond(errorAnswer(wanted.error()));
    const auto origin = socketOrigin(**gateway, m_services.config, request);
    if (!origin)
        return respond(errorAnswer(origin.error()));
    issue(*gateway, m_guard.client(request), *origin, std::move(*wanted),
          [respond = std::move(respond)](const Result<Issued> &issued) {
              if (!issued)
                  return respond(errorAnswer(issued.error()));
              const Reservation &reservation = issued->reservation;
              respond(secretAnswer(201, "{\"id\":\"" + reservation.socketId.string() + "\"," +
                                            describe(reservation, issued->uri) + "}"));
          });
}

void SocketCalls::list(const ApiRequest &request, Respond respond)
{
    const auto gateway = m_access.administered(request);
    if (!gateway)
        return respond(errorAnswer(gateway.error()));
    const auto tag = queryValue(request.query, "tag");
    const auto limit = queryNumber(request.query, "limit", 1, largestAskedPage);
    const auto cursor = queryValue(request.query, "cursor");
    if (!tag || !cursor)
        return respond(errorAnswer(tag ? cursor.error() : tag.error()));
    if (!limit)
        return respond(errorAnswer(limit.error()));
    if (*cursor && !SocketId::parse(**cursor))
        return respond(errorAnswer({ErrorCode::InvalidData, "Must be the cursor of an answer", "cursor"}));
    const auto wanted = queryValue(request.query, "details");
    if (!wanted || (*wanted && **wanted != "true" && **wanted != "false"))
        return respond(errorAnswer({ErrorCode::InvalidData, "Must be true or false", "details"}));
    const ListDetails details = *wanted != "true"              ? ListDetails::None
                                : m_services.hub.isClustered() ? ListDetails::Client
                                                               : ListDetails::All;
    m_services.hub.list(
        *gateway, *tag, size_t(limit->value_or(largestPage)), cursor->value_or(std::string()),
        [respond = std::move(respond), details](const Result<SocketPage> &page) {
            respond(page ? ApiAnswer{200, describe(*page, details), {}} : errorAnswer(page.error()));
        });
}

Result<SocketCalls::NamedSocket> SocketCalls::namedSocket(const ApiRequest &request) const
{
    const auto gateway = m_access.administered(request);
    if (!gateway)
        return Unexpected(gateway.error());
    const auto id = SocketId::parse(request.id);
    if (!id)
        return Unexpected(noSuchSocket());
    return NamedSocket{*gateway, *id};
}

void SocketCalls::show(const ApiRequest &request, Respond respond)
{
    const auto named = namedSocket(request);
    if (!named)
        return respond(errorAnswer(named.error()));
    m_services.hub.find(named->gateway, named->id,
                        [respond = std::move(respond)](const Result<SocketInfo> &socket) {
                            respond(describedAnswer(socket));
                        });
}

void SocketCalls::close(const ApiRequest &request, Respond respond)
{
    const auto named = namedSocket(request);
    if (!named)
        return respond(errorAnswer(named.error()));
    const auto closing = closingOf(request.query, {});
    if (!closing)
        return respond(errorAnswer(closing.error()));
    // The reservation first: a client that opens it meanwhile is either refused or found by the hub.
    const auto closeSocket = [this, named = *named, closing = *closing,
                              respond = std::move(respond)](const Result<bool> &revoked) {
        if (!revoked)
            return respond(errorAnswer(revoked.error()));
        m_services.hub.close(
            named.gateway, named.id, closing.code, closing.reason,
            [revoked = *revoked, respond](const Result<bool> &closed) {
                if (!closed)
                    return respond(errorAnswer(closed.error()));
                respond(*closed || revoked ? ApiAnswer{200, "{}", {}} : errorAnswer(noSuchSocket()));
            });
    };
    m_services.hub.revoke(named->gateway, named->id, closeSocket);
}

void SocketCalls::closeMany(const ApiRequest &request, Respond respond)
{
    const auto gateway = m_access.administered(request);
    if (!gateway)
        return respond(errorAnswer(gateway.error()));
    const auto filter = filterOf(request.query);
    if (!filter)
        return respond(errorAnswer(filter.error()));
    const auto closing = closingOf(request.query, {CloseCode::PolicyViolation, "revoked"});
    if (!closing)
        return respond(errorAnswer(closing.error()));
    const auto closeSockets = [this, gateway = *gateway, filter = *filter, closing = *closing,
                               respond = std::move(respond)](const Result<size_t> &revoked) {
        if (!revoked)
            return respond(errorAnswer(revoked.error()));
        m_services.hub.close(gateway, filter, closing.code, closing.reason,
                             [revoked = *revoked, respond](const Result<size_t> &closed) {
                                 if (!closed)
                                     return respond(errorAnswer(closed.error()));
                                 respond({200,
                                          "{\"closed\":" + std::to_string(*closed) +
                                              ",\"revoked\":" + std::to_string(revoked) + "}",
                                          {}});
                             });
    };
    m_services.hub.revoke(*gateway, *filter, closeSockets);
}

void SocketCalls::changeTags(const ApiRequest &request, Respond respond)
{
    const auto named = namedSocket(request);
    if (!named)
        return respond(errorAnswer(named.error()));
    auto change = m_parser.parseChange(request.body, named->gateway->settings.limits);
    if (!change)
        return respond(errorAnswer(change.error()));
    m_services.hub.changeTags(named->gateway, named->id, std::move(change->add), std::move(change->remove),
                              [respond = std::move(respond)](const Result<SocketInfo> &socket) {
                                  respond(describedAnswer(socket));
                              });
}

} // namespace mws
