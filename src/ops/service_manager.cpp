#include "ops/service_manager.h"

#include "mws/base/log.h"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace mws {

namespace {

Unexpected failed(const std::string &reason)
{
    return Unexpected(ErrorCode::Internal, "NOTIFY_SOCKET: " + reason);
}

Unexpected failedWith(int number)
{
    return failed(std::generic_category().message(number));
}

/// systemd compares it with the time of its own clock (sd_notify(3)).
std::chrono::microseconds monotonicTime()
{
    return std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
}

} // namespace

Result<void> ServiceManager::send(std::string_view state) const
{
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    if (m_address.size() < 2 || (m_address.front() != '/' && m_address.front() != '@'))
        return failed("'" + m_address + "' is neither a path nor @NAME");
    if (m_address.size() >= sizeof to.sun_path)
        return failed("longer than " + std::to_string(sizeof to.sun_path - 1) + " bytes");
    std::memcpy(to.sun_path, m_address.data(), m_address.size());
    if (m_address.front() == '@')
        to.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + m_address.size());
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return failedWith(errno);
    const ssize_t sent = ::sendto(fd, state.data(), state.size(), MSG_NOSIGNAL,
                                  reinterpret_cast<const sockaddr *>(&to), length);
    const int error = errno;
    ::close(fd);
    if (sent < 0)
        return failedWith(error);
    return {};
}

void ServiceManager::tell(std::string_view state) const
{
    if (m_address.empty())
        return;
    if (const Result<void> sent = send(state); !sent)
        log(LogLevel::Warning, "the service manager could not be told how far the gateway is",
            {{"reason", sent.error().message()}});
}

void ServiceManager::ready() const
{
    tell("READY=1\nSTATUS=Serving");
}

void ServiceManager::reloading() const
{
    tell("RELOADING=1\nSTATUS=Reading the configuration again\nMONOTONIC_USEC=" +
         std::to_string(monotonicTime().count()));
}

void ServiceManager::stopping(std::chrono::milliseconds longest) const
{
    tell("STOPPING=1\nSTATUS=Draining\nEXTEND_TIMEOUT_USEC=" +
         std::to_string(std::chrono::microseconds(longest).count()));
}

} // namespace mws
