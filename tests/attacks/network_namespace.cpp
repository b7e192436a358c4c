#include "network_namespace.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mws::test {

namespace {

constexpr char loopback[] = "lo";
constexpr char peers[] = "lo:peers"; // a second address of it
constexpr char peersAddress[] = "10.11.12.1";
constexpr char peersMask[] = "255.255.255.255";

bool isPrivateNow = false;

class Interface
{
public:
    explicit Interface(const char *name) : m_socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0))
    {
        std::strncpy(m_request.ifr_name, name, IFNAMSIZ - 1);
    }
    ~Interface() { ::close(m_socket); }
    Interface(const Interface &) = delete;
    Interface &operator=(const Interface &) = delete;

    bool setUp(bool up)
    {
        if (::ioctl(m_socket, SIOCGIFFLAGS, &m_request) != 0)
            return false;
        const int flags = up ? m_request.ifr_flags | IFF_UP : m_request.ifr_flags & ~IFF_UP;
        m_request.ifr_flags = short(flags);
        return ::ioctl(m_socket, SIOCSIFFLAGS, &m_request) == 0;
    }
    bool setAddress(unsigned long what, const char *text)
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        ::inet_pton(AF_INET, text, &address.sin_addr);
        std::memcpy(&m_request.ifr_addr, &address, sizeof address);
        return ::ioctl(m_socket, what, &m_request) == 0;
    }

private:
    ifreq m_request{};
    int m_socket;
};

} // namespace

void NetworkNamespace::enter()
{
    if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return;
    isPrivateNow = Interface(loopback).setUp(true) &&
                   Interface(peers).setAddress(SIOCSIFADDR, peersAddress) &&
                   Interface(peers).setAddress(SIOCSIFNETMASK, peersMask);
}

bool NetworkNamespace::isPrivate()
{
    return isPrivateNow;
}

std::string NetworkNamespace::peerAddress()
{
    return isPrivateNow ? peersAddress : "127.0.0.1";
}

void NetworkNamespace::cut()
{
    if (isPrivateNow)
        Interface(peers).setUp(false); // takes the address away
}

} // namespace mws::test
