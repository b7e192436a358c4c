#include "api/message_lane.h"

#include <algorithm>
#include <array>
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
    appendHttpAnswer(out, *answer, connection);
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
        appendHttpAnswer(bytes, answer,
                         {}); // only when it is written it is known what it says of the connection
        ticket.answer(bytes);
    });
    if (!taken)
        return Verdict::Declined;
    call->returned = true;
    if (!call->answer)
        return Verdict::Later;
    appendHttpAnswer(out, *call->answer, connection);
    return Verdict::Answered;
}

} // namespace mws
