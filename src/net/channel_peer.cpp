#include "net/channel.h"
#include "net/connection_server.h"

#include <QHostAddress>
#include <arpa/inet.h>

namespace mws {

QHostAddress Channel::peerAddress() const
{
    QHostAddress address(reinterpret_cast<const sockaddr *>(&m_peer));
    bool mapped = false;
    const quint32 v4 = address.toIPv4Address(&mapped); // ::ffff:1.2.3.4 on a socket for both
    return mapped ? QHostAddress(v4) : address;
}

std::string Channel::remote() const
{
    const QHostAddress address = peerAddress();
    const std::string text = address.toString().toStdString();
    const std::string port = std::to_string(ntohs(m_peer.sin6_port)); // at the same place in a sockaddr_in
    return (address.protocol() == QAbstractSocket::IPv6Protocol ? '[' + text + ']' : text) + ':' + port;
}

IpAddress Channel::clientAddress(const RequestHead &head) const
{
    const auto peer = IpAddress::of(reinterpret_cast<const sockaddr &>(m_peer));
    return m_server.config().trustForwarded ? forwardedAddress(head.lastField("x-forwarded-for"), peer)
                                            : peer;
}

/// True if the client's address has made too many requests; this one is then refused.
bool Channel::overRequests(const RequestHead &head)
{
    const Refused refused = m_server.addresses().take(AddressRate::Requests, clientAddress(head));
    if (!refused)
        return false;
    m_server.metrics().limited[LimitKind::AddressRequests].add();
    refuse(Error{ErrorCode::TooManyRequests, "Too many requests from this address", {}, *refused}, &head);
    return true;
}

} // namespace mws
