#include "support/http_client.h"

#include "support/described_answers.h"

#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>
#include <strings.h>

namespace mws::test {

namespace {

bool sameName(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

HttpAnswer parseHead(const std::string &head)
{
    HttpAnswer answer;
    if (!head.starts_with("HTTP/1.") || !head.ends_with("\r\n\r\n"))
        return answer;
    answer.status = std::atoi(head.c_str() + 9);
    size_t at = head.find("\r\n") + 2;
    while (at + 2 < head.size()) {
        const size_t end = head.find("\r\n", at);
        const size_t colon = std::min(head.find(':', at), end);
        const size_t value = std::min(head.find_first_not_of(' ', std::min(colon + 1, end)), end);
        answer.headers.emplace_back(head.substr(at, colon - at), head.substr(value, end - value));
        at = end + 2;
    }
    return answer;
}

std::string readChunks(RawConnection &connection, const Deadline &deadline)
{
    std::string body;
    for (;;) {
        const std::string line = connection.readUntil("\r\n", std::chrono::milliseconds(deadline.left()));
        const size_t size = std::strtoul(line.c_str(), nullptr, 16);
        const std::string chunk = connection.read(size + 2, std::chrono::milliseconds(deadline.left()));
        if (size == 0 || chunk.size() != size + 2)
            return body;
        body.append(chunk, 0, size);
    }
}

} // namespace

void expectDescribed(const HttpRequest &request, const HttpAnswer &answer)
{
    const bool upgrade = std::any_of(request.headers.begin(), request.headers.end(),
                                     [](const auto &header) { return sameName(header.first, "Upgrade"); });
    const bool isOurs = answer.hasHeader("X-Request-Id") || (upgrade && answer.status == 101);
    const bool isOfOpsPort = answer.body.find("Here are only /metrics") != answer.body.npos;
    if (!isOurs || isOfOpsPort) // another server's, which a test may ask, too
        return;
    const std::string missing =
        missingFromDescription(request.method, request.target, answer.status, upgrade);
    EXPECT_TRUE(missing.empty()) << missing;
}

std::string HttpAnswer::header(std::string_view name) const
{
    const auto found =
        std::find_if(headers.begin(), headers.end(), [&](const auto &h) { return sameName(h.first, name); });
    return found == headers.end() ? std::string() : found->second;
}

bool HttpAnswer::hasHeader(std::string_view name) const
{
    return std::any_of(headers.begin(), headers.end(),
                       [&](const auto &h) { return sameName(h.first, name); });
}

HttpAnswer readHttpAnswer(RawConnection &connection, AnswerBody body, std::chrono::milliseconds wait)
{
    const Deadline deadline(wait);
    const auto left = [&] { return std::chrono::milliseconds(deadline.left()); };
    HttpAnswer answer;
    do {
        answer = parseHead(connection.readUntil("\r\n\r\n", left()));
    } while (answer.status >= 100 && answer.status < 200 && answer.status != 101);
    if (answer.status == 0 || answer.status == 101 || answer.status == 204 || answer.status == 304 ||
        body == AnswerBody::None)
        return answer;
    if (answer.hasHeader("Content-Length"))
        answer.body =
            connection.read(std::strtoul(answer.header("Content-Length").c_str(), nullptr, 10), left());
    else if (sameName(answer.header("Transfer-Encoding"), "chunked"))
        answer.body = readChunks(connection, deadline);
    else
        answer.body = connection.readToEnd(left());
    return answer;
}

std::string httpText(const HttpRequest &request, const Endpoint &endpoint)
{
    const auto given = [&](std::string_view name) {
        return std::any_of(request.headers.begin(), request.headers.end(),
                           [&](const auto &header) { return sameName(header.first, name); });
    };
    std::string text = request.method + ' ' + request.target + " HTTP/1.1\r\n";
    if (!given("Host")) {
        const bool bracketed = endpoint.host.find(':') != std::string::npos;
        const std::string host = bracketed ? '[' + endpoint.host + ']' : endpoint.host;
        text += "Host: " + host + ':' + std::to_string(endpoint.port) + "\r\n";
    }
    for (const auto &[name, value] : request.headers)
        text += name + ": " + value + "\r\n";
    const bool hasBody = !request.body.empty() || request.method == "POST" || request.method == "PUT";
    if (hasBody && !given("Content-Length") && !given("Transfer-Encoding"))
        text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    return text + "\r\n" + request.body;
}

HttpAnswer HttpClient::request(const HttpRequest &request, std::chrono::milliseconds wait)
{
    if (!m_connection.isOpen() || m_connection.waitForEnd(std::chrono::milliseconds(0)))
        m_connection = RawConnection(m_endpoint);
    m_connection.send(httpText(request, m_endpoint), wait);
    const AnswerBody body = request.method == "HEAD" ? AnswerBody::None : AnswerBody::AsDeclared;
    HttpAnswer answer = readHttpAnswer(m_connection, body, wait);
    expectDescribed(request, answer);
    if (answer.status == 0 || sameName(answer.header("Connection"), "close"))
        m_connection.close();
    return answer;
}

} // namespace mws::test
