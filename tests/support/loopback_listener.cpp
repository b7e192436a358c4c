#include "support/loopback_listener.h"

#include <cstdlib>
#include <netinet/in.h>
#include <sys/socket.h>

namespace mws::test {

std::pair<int, uint16_t> listenOnLoopback()
{
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto *generic = reinterpret_cast<sockaddr *>(&address);
    if (::bind(listener, generic, length) != 0 || ::listen(listener, 64) != 0 ||
        ::getsockname(listener, generic, &length) != 0)
        std::abort();
    return {listener, ntohs(address.sin_port)};
}

} // namespace mws::test
