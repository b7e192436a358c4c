#include "api/api_answer.h"

#include "mws/base/random.h"
#include "protocol/http_text.h"
#include "json/json_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

namespace mws {

namespace {

std::chrono::seconds retryAfter(const Error &error)
{
    return std::max(error.retryAfter, std::chrono::seconds(1));
}

bool hasContentType(const ApiAnswer &answer)
{
    return std::any_of(answer.headers.begin(), answer.headers.end(),
                       [](const ApiAnswer::Header &header) { return header.first == "Content-Type"; });
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

} // namespace

void completeAnswer(ApiAnswer &answer, std::vector<ApiAnswer::Header> common)
{
    constexpr size_t ofBody = 2;
    answer.headers.reserve(answer.headers.size() + ofBody + common.size());
    if (!answer.body.empty()) {
        if (!hasContentType(answer))
            answer.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
        answer.headers.emplace_back("X-Content-Type-Options", "nosniff");
    }
    std::move(common.begin(), common.end(), std::back_inserter(answer.headers));
}

std::string makeRequestId()
{
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    constexpr uint64_t eightCharacters = 218340105584896; // 62^8
    std::string id;
    for (int half = 0; half < 2; ++half) {
        uint64_t number = randomBelow(eightCharacters);
        for (int i = 0; i < 8; ++i, number /= alphabet.size())
            id.push_back(alphabet[number % alphabet.size()]);
    }
    return id;
}

void appendHttpAnswer(std::string &out, const ApiAnswer &answer, std::string_view connection, bool headOnly)
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
    out.append("\r\n");
    if (!headOnly)
        out.append(answer.body);
}

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
