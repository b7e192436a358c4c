#pragma once

#include "support/raw_connection.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mws::test {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// An HTTP answer as it came. Status 0: none came in time.
struct HttpAnswer
{
    int status = 0;
    HttpHeaders headers;
    std::string body = {};

    /// The value of the first field of that name, in any case; empty if there is none.
    std::string header(std::string_view name) const;
    bool hasHeader(std::string_view name) const;
};

/// Whether an answer has a body: those to HEAD have none whatever their length says.
enum class AnswerBody { AsDeclared, None };

/// Reads one answer: interim ones (1xx other than 101) are skipped; bodies by length, in chunks, or to the
/// end.
HttpAnswer readHttpAnswer(RawConnection &connection, AnswerBody body = AnswerBody::AsDeclared,
                          std::chrono::milliseconds wait = patience);

struct HttpRequest
{
    std::string method = "GET";
    std::string target = "/";
    HttpHeaders headers = {}; ///< Host and Content-Length are added unless they are here
    std::string body = {};
};

/// The request's bytes.
std::string httpText(const HttpRequest &request, const Endpoint &endpoint);

/// Fails the test if docs/openapi.yaml does not have this answer of a gateway.
void expectDescribed(const HttpRequest &request, const HttpAnswer &answer);

/// Blocking HTTP client on one kept-alive connection, opened anew when the server closed it.
/// Thread: one at a time.
class HttpClient
{
public:
    explicit HttpClient(Endpoint endpoint) : m_endpoint(std::move(endpoint)) {}

    HttpAnswer request(const HttpRequest &request, std::chrono::milliseconds wait = patience);
    HttpAnswer request(std::string method, std::string target, std::string body = {},
                       HttpHeaders headers = {})
    {
        return request(
            HttpRequest{std::move(method), std::move(target), std::move(headers), std::move(body)});
    }
    const Endpoint &endpoint() const { return m_endpoint; }

private:
    Endpoint m_endpoint;
    RawConnection m_connection;
};

} // namespace mws::test
