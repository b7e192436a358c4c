#include "api/api_answer.h"

#include "json/json_reader.h"

#include <algorithm>

namespace mws {

namespace {

std::chrono::seconds retryAfter(const Error &error)
{
    return std::max(error.retryAfter, std::chrono::seconds(1));
}

} // namespace

void appendErrorList(std::string &out, const Error &error)
{
    out.append("[{\"reason\":");
    appendJsonString(out, errorInfo(error.code).reason);
    out.append(",\"property\":");
    appendJsonString(out, error.property);
    out.append(",\"message\":");
    appendJsonString(out, error.message());
    out.append("}]");
}

ApiAnswer errorAnswer(const Error &error)
{
    ApiAnswer answer;
    answer.status = error.httpStatus();
    if (error.code == ErrorCode::InvalidData) {
        answer.body = "{\"errors\":";
        appendErrorList(answer.body, error);
        answer.body.push_back('}');
    } else {
        answer.body = "{\"error\":{\"reason\":";
        appendJsonString(answer.body, errorInfo(error.code).reason);
        answer.body.append(",\"message\":");
        appendJsonString(answer.body, error.message());
        answer.body.append("}}");
    }
    if (answer.status == 429 || answer.status == 503)
        answer.headers.emplace_back("Retry-After", std::to_string(retryAfter(error).count()));
    if (answer.status == 401)
        answer.headers.emplace_back("WWW-Authenticate", "Bearer");
    if (answer.status == 426) { // RFC 9110 §15.5.22, RFC 6455 §4.4
        answer.headers.emplace_back("Connection", "Upgrade");
        answer.headers.emplace_back("Upgrade", "websocket");
        answer.headers.emplace_back("Sec-WebSocket-Version", "13");
    }
    return answer;
}

ApiAnswer secretAnswer(int status, std::string body)
{
    return {status, std::move(body), {{"Cache-Control", "no-store"}}};
}

} // namespace mws
