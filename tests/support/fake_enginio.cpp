#include "support/fake_enginio.h"

#include "support/loopback_listener.h"

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <tuple>
#include <unistd.h>

namespace mws::test {

namespace {

/// The bearer token of a request head; empty if there is none.
std::string bearer(const std::string &head)
{
    const std::string name = "Authorization: Bearer ";
    const char *found = strcasestr(head.c_str(), name.c_str());
    if (!found)
        return {};
    const size_t start = size_t(found - head.c_str()) + name.size();
    return head.substr(start, head.find("\r\n", start) - start);
}

std::string httpAnswer(const std::string &status, const std::string &body)
{
    return "HTTP/1.1 " + status +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

} // namespace

FakeEnginio::FakeEnginio()
{
    std::tie(m_listener, m_port) = listenOnLoopback();
    if (::pipe2(m_wake, O_CLOEXEC) != 0)
        std::abort();
    m_thread = std::thread([this] { serve(); });
}

FakeEnginio::~FakeEnginio()
{
    close();
}

void FakeEnginio::close()
{
    if (!m_thread.joinable())
        return;
    ::close(m_wake[1]);
    m_thread.join();
    ::close(m_wake[0]);
    ::close(m_listener);
}

void FakeEnginio::add(const std::string &accessToken, const std::string &user)
{
    const std::lock_guard lock(m_mutex);
    m_users[accessToken] = user;
}

std::vector<std::string> FakeEnginio::requests() const
{
    const std::lock_guard lock(m_mutex);
    return m_requests;
}

void FakeEnginio::serve()
{
    std::vector<pollfd> entries{{m_wake[0], POLLIN, 0}, {m_listener, POLLIN, 0}};
    std::map<int, std::string> heads;
    while (::poll(entries.data(), entries.size(), -1) >= 0 && entries[0].revents == 0) {
        for (size_t i = entries.size() - 1; i >= 2; --i) {
            if (entries[i].revents == 0)
                continue;
            const int descriptor = entries[i].fd;
            char chunk[8192];
            const ssize_t got = ::recv(descriptor, chunk, sizeof chunk, 0);
            if (got <= 0) {
                ::close(descriptor);
                heads.erase(descriptor);
                entries.erase(entries.begin() + std::ptrdiff_t(i));
                continue;
            }
            std::string &head = heads[descriptor].append(chunk, size_t(got));
            if (head.ends_with("\r\n\r\n"))
                answer(descriptor, std::exchange(head, {}));
        }
        if (entries[1].revents != 0)
            entries.push_back({::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC), POLLIN, 0});
    }
    for (size_t i = 2; i < entries.size(); ++i)
        ::close(entries[i].fd);
}

void FakeEnginio::answer(int descriptor, const std::string &head)
{
    std::string text;
    {
        const std::lock_guard lock(m_mutex);
        m_requests.push_back(head);
        const auto user = m_users.find(bearer(head));
        text =
            user == m_users.end() ? httpAnswer("401 Unauthorized", "{}") : httpAnswer("200 OK", user->second);
    }
    switch (m_mood.load()) {
    case Mood::Silent:
        return;
    case Mood::Garbage:
        text = httpAnswer("200 OK", "<html>not what you asked for");
        break;
    case Mood::Failing:
        text = httpAnswer("500 Internal Server Error", "{}");
        break;
    case Mood::Huge:
        text = httpAnswer("200 OK", std::string(1 << 20, ' ') + text.substr(text.find("\r\n\r\n") + 4));
        break;
    case Mood::Elsewhere:
        if (head.find(" /elsewhere ") == std::string::npos)
            text = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
        break;
    case Mood::Well:
        break;
    }
    (void)!::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
}

} // namespace mws::test
