#pragma once

#include "api/access.h"
#include "api/socket_calls.h"
#include "console/page_file.h"

#include <string>

namespace mws {

/// The console: its pages, which need no token, and the operator's calls that only it makes. All else that it
/// shows comes from the calls that everybody has. Thread: the worker's.
class ConsoleCalls
{
public:
    ConsoleCalls(const ApiServices &services, const Access &access, SocketCalls &sockets);

    /// GET /console
    void page(const ApiRequest &request, Respond respond);
    /// GET /console/{file}: a file of the page; `status.json`: whether there is an operator's token at all;
    /// nothing: leads to the page.
    void file(const ApiRequest &request, Respond respond);
    /// GET /v1/console: version, node, and what a form of the configuration needs.
    void overview(const ApiRequest &request, Respond respond);
    /// POST /v1/console/socket: a URI, good once, of a socket that gets statistics every second.
    void issueSocket(const ApiRequest &request, Respond respond);

private:
    ApiAnswer answerOf(const PageFile &page, const ApiRequest &request) const;
    ApiAnswer status() const;
    /// Where pages may connect to beside where they come from: the public addresses, as `wss://host`.
    std::string socketOrigins() const;

    const ApiServices &m_services;
    const Access &m_access;
    SocketCalls &m_sockets;
    std::string m_policy; ///< Content-Security-Policy
};

} // namespace mws
