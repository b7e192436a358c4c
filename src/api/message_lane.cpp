#include "api/message_lane.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <utility>

namespace mws {

namespace {

/// What the handlers ask for; a field that is there twice may mean different things to different servers.
constexpr std::array<std::string_view, 3> singleFields{"prefer", "x-request-id",
                                                       "access-control-request-headers"};

bool isPlain(const RequestHead &head)
{
    return head.target.find_first_of("%?") == head.target.npos &&
           std::all_of(singleFields.begin(), singleFields.end(),
                       [&head](std::string_view name) { return head.fieldCount(name) < 2; });
}

/// Of X-Forwarded-For the last one, as RequestWriter hands it on.
std::string valueOf(const RequestHead &head, std::string_view name)
{
    return std::string(name == "x-forwarded-for" ? head.lastField(name) : head.field(name));
}

void appendNumber(std::string &out, uint64_t number)
{
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), size_t(end - digits.data()));
}

void appendField(std::string &out, std::string_view name, std::string_view value)
{
    out.append(name).append(": ").append(value).append("\r\n");
}

void appendAnswer(std::string &out, const ApiAnswer &answer, std::string_view connection)
{
    out.append("HTTP/1.1 ");
    appendNumber(out, uint64_t(answer.status));
    out.push_back(' ');
    out.append(reasonPhrase(answer.status)).append("\r\n").append(connection);
    for (const auto &[name, value] : answer.headers)
        appendField(out, name, value);
    if (answer.status != 204) { // RFC 9110 §8.6
        out.append("Content-Length: ");
        appendNumber(out, answer.body.size());
        out.append("\r\n");
    }
    out.append("\r\n").append(answer.body);
}

} // namespace

DirectLane::Verdict MessageLane::take(const RequestHead &head, std::string_view body, const IpAddress &peer,
                                      std::string_view connection, const LateAnswerTicket &ticket,
                                      std::string &out)
{
    if (head.method != "POST" || !isPlain(head))
        return Verdict::Declined;
    ApiRequest request;
    request.method = head.method;
    request.path = head.target;
    request.body = body;
    request.peer = peer;
    request.header = [&head](std::string_view name) { return valueOf(head, name); };
    return m_api.answersLater() ? answerLater(request, connection, ticket, out)
                                : answerAtOnce(request, connection, out);
}

DirectLane::Verdict MessageLane::answerAtOnce(const ApiRequest &request, std::string_view connection,
                                              std::string &out) const
{
    const std::optional<ApiAnswer> answer = m_api.answerAtOnce(request);
    if (!answer)
        return Verdict::Declined;
    appendAnswer(out, *answer, connection);
    return Verdict::Answered;
}

/// The handler may answer before it returns all the same, when it need not ask anybody: a refusal.
DirectLane::Verdict MessageLane::answerLater(const ApiRequest &request, std::string_view connection,
                                             const LateAnswerTicket &ticket, std::string &out) const
{
    struct Call
    {
        bool returned = false;
        std::optional<ApiAnswer> answer;
    };
    const auto call = std::make_shared<Call>();
    const bool taken = m_api.answerLater(request, [call, ticket](ApiAnswer answer) {
        if (!call->returned) {
            call->answer = std::move(answer);
            return;
        }
        std::string bytes;
        appendAnswer(bytes, answer, {}); // only when it is written it is known what it says of the connection
        ticket.answer(bytes);
    });
    if (!taken)
        return Verdict::Declined;
    call->returned = true;
    if (!call->answer)
        return Verdict::Later;
    appendAnswer(out, *call->answer, connection);
    return Verdict::Answered;
}

} // namespace mws
