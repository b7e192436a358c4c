#pragma once

#include "api/access.h"
#include "api/rate_guard.h"
#include "api/socket_request.h"

namespace mws {

/// The calls about sockets and reservations (CONTRACT.md "REST").
/// Thread: the worker's.
class SocketCalls
{
public:
    SocketCalls(const ApiServices &services, const Access &access);

    void issueUri(const ApiRequest &request, Respond respond);   ///< GET websocket_uri
    void create(const ApiRequest &request, Respond respond);     ///< POST sockets
    void list(const ApiRequest &request, Respond respond);       ///< GET sockets
    void show(const ApiRequest &request, Respond respond);       ///< GET sockets/{id}
    void close(const ApiRequest &request, Respond respond);      ///< DELETE sockets/{id}
    void closeMany(const ApiRequest &request, Respond respond);  ///< DELETE sockets?tag=…
    void changeTags(const ApiRequest &request, Respond respond); ///< PATCH sockets/{id}

    /// A socket without tags of a gateway for which the caller may have one; answers as GET websocket_uri,
    /// with 201.
    void issueTo(const std::shared_ptr<const Gateway> &gateway, const ApiRequest &request, Respond respond);
    /// Of bodies from now on.
    void setJsonDepth(size_t depth) { m_parser = SocketRequestParser(depth); }

private:
    struct Issued
    {
        Reservation reservation;
        std::string uri;
    };
    struct NamedSocket
    {
        std::shared_ptr<const Gateway> gateway;
        SocketId id;
    };
    /// What `sockets/{id}` names, for a bearer of the security token.
    Result<NamedSocket> namedSocket(const ApiRequest &request) const;
    /// Signs a token and reserves its socket; `done` once, at once or later.
    void issue(const std::shared_ptr<const Gateway> &gateway, const IpAddress &client,
               const std::string &origin, SocketRequest &&request, std::function<void(Result<Issued>)> done);

    const ApiServices &m_services;
    const Access &m_access;
    RateGuard m_guard;
    SocketRequestParser m_parser;
};

} // namespace mws
