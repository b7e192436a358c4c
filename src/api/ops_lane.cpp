#include "api/ops_lane.h"

#include "api/service_calls.h"

namespace mws {

DirectLane::Verdict OpsLane::take(const RequestHead &head, std::string_view, const IpAddress &,
                                  std::string_view connection, const LateAnswerTicket &, std::string &out)
{
    const std::string_view path = std::string_view(head.target).substr(0, head.target.find('?'));
    const bool isHead = head.method == "HEAD";
    const bool known = path == "/metrics" || path == "/health/live" || path == "/health/ready";
    ApiAnswer answer;
    if (!known) {
        answer =
            errorAnswer({ErrorCode::NotFound, "Here are only /metrics, /health/live and /health/ready", {}});
    } else if (head.method != "GET" && !isHead) {
        answer = errorAnswer({ErrorCode::MethodNotAllowed, {}, {}});
        answer.headers.emplace_back("Allow", "GET, HEAD");
    } else if (path == "/metrics") {
        answer = metricsAnswer(m_metricsPage());
    } else {
        answer = path == "/health/live" ? liveAnswer() : readyAnswer(m_notReady());
    }
    const std::string_view requestId = head.field("x-request-id");
    completeAnswer(answer,
                   {{"X-Request-Id", isRequestId(requestId) ? std::string(requestId) : makeRequestId()}});
    appendHttpAnswer(out, answer, connection, isHead);
    return Verdict::Answered;
}

Result<Admission> NoSessions::admit(const RequestHead &, const HandshakeRequest &, Channel &)
{
    return Unexpected(ErrorCode::NotFound, "There are no WebSockets on this port");
}

} // namespace mws
