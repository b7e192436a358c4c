#pragma once

#include "support/gateway_process.h"
#include "support/http_client.h"
#include "support/json_view.h"
#include "support/raw_web_socket.h"

#include <string>
#include <string_view>
#include <vector>

namespace mws::test {

/// What POST sockets answered.
struct Issued
{
    std::string id;
    std::string uri;
    std::string target() const { return targetOf(uri); }
};

/// An open socket and its id.
struct OpenSocket
{
    std::string id;
    RawWebSocket socket;
};

/// A backend: calls the REST paths of one gateway with one bearer token. Thread: one at a time.
class GatewayApi
{
public:
    /// `base` is `/v1` or `/v1/gateways/ID`; an empty bearer sends no Authorization.
    GatewayApi(Endpoint endpoint, std::string base, std::string bearer)
        : m_client(std::move(endpoint)), m_base(std::move(base)), m_bearer(std::move(bearer))
    {}

    /// A call with the bearer, of a path below the base, e.g. `/sockets`.
    HttpAnswer call(const std::string &method, const std::string &path, const std::string &body = {},
                    HttpHeaders headers = {});
    HttpAnswer get(const std::string &path) { return call("GET", path); }
    HttpAnswer post(const std::string &path, const std::string &body) { return call("POST", path, body); }

    /// Reserves a socket; `more` are further members, e.g. `"user":"a"`. Expects 201.
    Issued reserve(const std::vector<std::string> &tags = {}, std::string_view more = {});
    RawWebSocket openIssued(const Issued &issued, HttpHeaders headers = {});
    /// Reserves a socket and opens it. Expects 101.
    OpenSocket open(const std::vector<std::string> &tags = {}, std::string_view more = {});

    /// The same for a socket that reads nothing until it is told to, and for which the kernel keeps little.
    OpenSocket openStalled(const std::vector<std::string> &tags = {});
    /// `queuedBytes` of an open socket; 0 if it has gone.
    size_t queuedBytes(const std::string &id);

    /// POSTs text to everyone, or to a tag, or to the receivers written as JSON. Expects 201.
    HttpAnswer sendToAll(std::string_view text) { return sendTo(R"({"sockets":["*"]})", text); }
    HttpAnswer sendToTag(std::string_view tag, std::string_view text);
    HttpAnswer sendTo(std::string_view receivers, std::string_view text);

    HttpClient &client() { return m_client; }
    const Endpoint &endpoint() const { return m_client.endpoint(); }
    const std::string &base() const { return m_base; }
    const std::string &bearer() const { return m_bearer; }

private:
    HttpClient m_client;
    std::string m_base;
    std::string m_bearer;
};

/// The ids of a list of sockets, in its order. Expects 200.
std::vector<std::string> listedIds(const HttpAnswer &answer);
/// `reason` of an error body of either form; empty if it is none.
std::string errorReason(const HttpAnswer &answer);
/// `property` of the first error of a 422.
std::string errorProperty(const HttpAnswer &answer);
/// `["a","b"]`
std::string jsonStrings(const std::vector<std::string> &texts);

} // namespace mws::test
