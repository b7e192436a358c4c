#include "api/message_calls.h"

#include "mws/base/log.h"
#include "protocol/request_parser.h"

namespace mws {

namespace {

ApiAnswer::Header receiversHeader(const PublishOutcome &outcome)
{
    return {"Mws-Receivers",
            "matched=" + std::to_string(outcome.matched) + ", dropped=" + std::to_string(outcome.dropped)};
}

} // namespace

MessageCalls::MessageCalls(const ApiServices &services, const Access &access)
    : m_services(services),
      m_access(access),
      m_guard(services),
      m_parser(services.config.jsonDepth),
      m_enginio(services.config.jsonDepth)
{}

void MessageCalls::setJsonDepth(size_t depth)
{
    m_parser = MessageParser(depth);
    m_enginio = EnginioReceiver(depth);
}

MessageCalls::Answer MessageCalls::wantedAnswer(const ApiRequest &request)
{
    const std::string prefer = request.header("prefer"); // RFC 7240 §4.2
    return listHasToken(prefer, "return=minimal") ? Answer::Minimal : Answer::Representation;
}

MessageCalls::Source MessageCalls::sourceOf(const ApiRequest &request) const
{
    Source source{m_guard.client(request)};
    if (logEnabled(LogLevel::Debug))
        source.requestId = request.requestId;
    return source;
}

void MessageCalls::post(const ApiRequest &request, Respond respond)
{
    const auto gateway = m_access.gateway(request);
    if (!gateway)
        return respond(errorAnswer(gateway.error()));
    m_access.whenPermitted(
        *gateway, Permission::Write, request, std::move(respond),
        [this, gateway = *gateway, wanted = wantedAnswer(request),
         source = sourceOf(request)](std::string_view body, const Identity *, const Respond &answer) {
            sendOneLater(*gateway, source, body, wanted, answer);
        });
}

void MessageCalls::postBatch(const ApiRequest &request, Respond respond)
{
    const auto gateway = m_access.gateway(request);
    if (!gateway)
        return respond(errorAnswer(gateway.error()));
    m_access.whenPermitted(*gateway, Permission::Write, request, std::move(respond),
                           [this, gateway = *gateway, source = sourceOf(request)](
                               std::string_view body, const Identity *, const Respond &answer) {
                               sendBatchLater(*gateway, source, body, answer);
                           });
}

void MessageCalls::postEnginio(const ApiRequest &request, Respond respond)
{
    const auto call = enginioCall(request);
    if (!call)
        return respond(errorAnswer(call.error()));
    sendOneLater(*call->gateway, sourceOf(request), call->body, Answer::Representation, std::move(respond));
}

template <typename Send>
std::optional<ApiAnswer> MessageCalls::whenPermittedAtOnce(const ApiRequest &request, Send send)
{
    const auto gateway = m_access.gateway(request);
    if (!gateway)
        return errorAnswer(gateway.error());
    const auto permitted = m_access.permittedAtOnce(**gateway, request);
    if (!permitted)
        return std::nullopt;
    return *permitted ? send(**gateway) : errorAnswer(permitted->error());
}

std::optional<ApiAnswer> MessageCalls::postAtOnce(const ApiRequest &request)
{
    return whenPermittedAtOnce(request, [&](const Gateway &gateway) {
        return sendOne(gateway, sourceOf(request), request.body, wantedAnswer(request));
    });
}

std::optional<ApiAnswer> MessageCalls::postBatchAtOnce(const ApiRequest &request)
{
    return whenPermittedAtOnce(
        request, [&](const Gateway &gateway) { return sendBatch(gateway, sourceOf(request), request.body); });
}

std::optional<ApiAnswer> MessageCalls::postEnginioAtOnce(const ApiRequest &request)
{
    const auto call = enginioCall(request);
    if (!call)
        return errorAnswer(call.error());
    return sendOne(*call->gateway, sourceOf(request), call->body, Answer::Representation);
}

Result<MessageCalls::EnginioCall> MessageCalls::enginioCall(const ApiRequest &request)
{
    auto gateway = m_access.administered(request);
    if (!gateway)
        return Unexpected(gateway.error());
    auto body = m_enginio.messageBody(request.body);
    if (!body)
        return Unexpected(body.error());
    return EnginioCall{*std::move(gateway), *std::move(body)};
}

Result<PublishOutcome> MessageCalls::publishOnce(const Gateway &gateway, Message &&message,
                                                 std::string_view body)
{
    const std::string id = message.idempotencyId;
    if (id.empty())
        return m_services.hub.publish(gateway, std::move(message));
    const auto known = m_services.idempotency.enter(gateway.id, id, body);
    if (!known)
        return Unexpected(known.error());
    if (*known)
        return **known;
    const PublishOutcome outcome = m_services.hub.publish(gateway, std::move(message));
    m_services.idempotency.complete(gateway.id, id, outcome);
    return outcome;
}

Result<MessageCalls::Sent> MessageCalls::send(const Gateway &gateway, const Source &source,
                                              std::string_view body)
{
    auto parsed = m_parser.parse(body, gateway.settings.limits);
    if (!parsed)
        return Unexpected(parsed.error());
    parsed->message.requestId = source.requestId;
    const auto outcome = publishOnce(gateway, std::move(parsed->message), body);
    if (!outcome)
        return Unexpected(outcome.error());
    return Sent{std::move(parsed->answer), *outcome};
}

ApiAnswer MessageCalls::answerOf(Result<Sent> &&sent, Answer wanted)
{
    if (!sent)
        return errorAnswer(sent.error());
    if (wanted == Answer::Minimal)
        return {204, {}, {receiversHeader(sent->outcome), {"Preference-Applied", "return=minimal"}}};
    return {201, std::move(sent->answer), {receiversHeader(sent->outcome)}};
}

ApiAnswer MessageCalls::sendOne(const Gateway &gateway, const Source &source, std::string_view body,
                                Answer wanted)
{
    if (const auto may = m_guard.messages(gateway, source.client, 1); !may)
        return errorAnswer(may.error());
    return answerOf(send(gateway, source, body), wanted);
}

void MessageCalls::BatchResults::add(const Result<Sent> &sent)
{
    if (m_json.back() != '[')
        m_json.push_back(',');
    if (sent) {
        m_json.append("{\"status\":201}");
        m_total.matched += sent->outcome.matched;
        m_total.dropped += sent->outcome.dropped;
        return;
    }
    m_json.append("{\"status\":").append(std::to_string(sent.error().httpStatus())).append(",\"errors\":");
    appendErrorList(m_json, sent.error());
    m_json.push_back('}');
}

ApiAnswer MessageCalls::BatchResults::answer()
{
    m_json.append("]}");
    return {200, std::move(m_json), {receiversHeader(m_total)}};
}

ApiAnswer MessageCalls::sendBatch(const Gateway &gateway, const Source &source, std::string_view body)
{
    const auto parts = m_parser.splitBatch(body, gateway.settings.limits);
    if (!parts)
        return errorAnswer(parts.error());
    if (const auto may = m_guard.messages(gateway, source.client, parts->size()); !may)
        return errorAnswer(may.error());
    BatchResults results;
    for (const std::string_view part : *parts)
        results.add(send(gateway, source, part));
    return results.answer();
}

void MessageCalls::publish(const Gateway &gateway, const ClientSender &sender, PayloadType type,
                           std::string_view payload, std::function<void(std::string)> tell)
{
    const auto refuse = [&tell](const Error &error) { tell(errorAnswer(error).body); };
    if (!Access::clientMayPublish(gateway, sender))
        return refuse({ErrorCode::AccessDenied, {}, {}});
    if (type != PayloadType::Text)
        return refuse({ErrorCode::InvalidData, "A message object is sent as text", {}});
    if (const auto may = m_guard.messages(gateway, sender.address, 1); !may)
        return refuse(may.error());
    sendLater(gateway, Source{sender.address}, payload, [tell = std::move(tell)](const Result<Sent> &sent) {
        if (!sent)
            tell(errorAnswer(sent.error()).body);
    });
}

} // namespace mws
