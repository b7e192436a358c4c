#pragma once

#include "mws/base/result.h"

#include <chrono>
#include <string>
#include <string_view>

namespace mws {

/// Tells the service manager that started the program how far it is, as systemd's Type=notify wants it;
/// without one it does nothing. The protocol is that of sd_notify(3): a datagram of lines to the socket that
/// NOTIFY_SOCKET names. Thread: any, one at a time.
class ServiceManager
{
public:
    /// `address`: NOTIFY_SOCKET, a path or, with `@` in front, an abstract name; empty: there is no service
    /// manager.
    explicit ServiceManager(std::string address) : m_address(std::move(address)) {}

    /// Connections are accepted, also after a reload.
    void ready() const;
    /// The configuration is being read again; ready() ends that.
    void reloading() const;
    /// The program is about to end, and needs no longer than `longest` for it: so long it is not killed,
    /// whatever the unit's TimeoutStopSec is.
    void stopping(std::chrono::milliseconds longest) const;

    /// Sends one state, lines of NAME=VALUE. Errors: Internal with the reason, for an address that is none or
    /// that nobody listens at.
    Result<void> send(std::string_view state) const;

private:
    void tell(std::string_view state) const;

    std::string m_address;
};

} // namespace mws
