#include "support/event_backend.h"

#include "support/json_view.h"
#include "support/loopback_listener.h"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <set>
#include <sys/socket.h>
#include <tuple>
#include <unistd.h>

namespace mws::test {

namespace {

ReceivedEvent parseHead(const std::string &head)
{
    ReceivedEvent event;
    event.path = head.substr(5, head.find(' ', 5) - 5); // behind `POST `
    for (size_t at = head.find("\r\n") + 2; at < head.size();) {
        const size_t end = head.find("\r\n", at);
        const size_t colon = head.find(": ", at);
        if (colon == std::string::npos || colon > end)
            break;
        std::string name = head.substr(at, colon - at);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return char(std::tolower(c)); });
        event.fields[name] = head.substr(colon + 2, end - colon - 2);
        at = end + 2;
    }
    return event;
}

void sendAll(int descriptor, const std::string &text)
{
    (void)!::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
}

/// Each id once, in the order in which they were first answered with 2xx.
std::vector<ReceivedEvent> acceptedOf(const std::vector<ReceivedEvent> &events)
{
    std::vector<ReceivedEvent> accepted;
    std::set<std::string> ids;
    for (const ReceivedEvent &event : events)
        if (event.answered / 100 == 2 && ids.insert(event.id()).second)
            accepted.push_back(event);
    return accepted;
}

} // namespace

std::string ReceivedEvent::type() const
{
    return JsonView(body).string("/type");
}

std::string ReceivedEvent::data(const std::string &member) const
{
    return JsonView(body).string("/data/" + member);
}

EventBackend::EventBackend()
{
    std::tie(m_listener, m_port) = listenOnLoopback();
    if (::pipe2(m_wake, O_CLOEXEC) != 0)
        std::abort();
    m_thread = std::thread([this] { serve(); });
}

EventBackend::~EventBackend()
{
    ::close(m_wake[1]);
    m_thread.join();
    ::close(m_wake[0]);
    ::close(m_listener);
}

void EventBackend::setManner(const Manner &manner)
{
    const std::lock_guard lock(m_mutex);
    m_manner = manner;
}

void EventBackend::failFor(int count, int status)
{
    const std::lock_guard lock(m_mutex);
    m_failures = count;
    m_failureStatus = status;
}

std::vector<ReceivedEvent> EventBackend::received() const
{
    const std::lock_guard lock(m_mutex);
    return m_received;
}

std::vector<ReceivedEvent> EventBackend::accepted() const
{
    return acceptedOf(received());
}

bool EventBackend::waitFor(const std::function<bool(const std::vector<ReceivedEvent> &)> &condition,
                           std::chrono::milliseconds wait) const
{
    std::unique_lock lock(m_mutex);
    return m_came.wait_for(lock, wait, [&] { return condition(m_received); });
}

bool EventBackend::waitForAccepted(size_t count) const
{
    return waitFor([&](const auto &events) { return acceptedOf(events).size() >= count; });
}

void EventBackend::serve()
{
    std::map<int, Client> clients;
    for (;;) {
        std::vector<pollfd> entries{{m_wake[0], POLLIN, 0}, {m_listener, POLLIN, 0}};
        for (const auto &[descriptor, client] : clients)
            entries.push_back({descriptor, short(client.endless ? POLLIN | POLLOUT : POLLIN), 0});
        if (::poll(entries.data(), entries.size(), -1) < 0 || entries[0].revents != 0)
            break;
        for (size_t i = 2; i < entries.size(); ++i) {
            const int descriptor = entries[i].fd;
            if ((entries[i].revents & POLLOUT) != 0)
                (void)!::send(descriptor, std::string(4096, 'x').data(), 4096, MSG_NOSIGNAL | MSG_DONTWAIT);
            if ((entries[i].revents & ~POLLOUT) != 0 && !readFrom(descriptor, clients[descriptor])) {
                ::close(descriptor);
                clients.erase(descriptor);
            }
        }
        if (entries[1].revents != 0)
            clients.emplace(::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC), Client());
    }
    for (const auto &[descriptor, client] : clients)
        ::close(descriptor);
}

/// False: the connection is over.
bool EventBackend::readFrom(int descriptor, Client &client)
{
    char chunk[65536];
    const ssize_t got = ::recv(descriptor, chunk, sizeof chunk, 0);
    if (got <= 0)
        return false;
    client.input.append(chunk, size_t(got));
    for (;;) {
        const size_t headEnd = client.input.find("\r\n\r\n");
        if (headEnd == std::string::npos)
            return true;
        ReceivedEvent event = parseHead(client.input.substr(0, headEnd + 2));
        const size_t length = std::stoul(event.fields.at("content-length"));
        if (client.input.size() < headEnd + 4 + length)
            return true;
        event.body = client.input.substr(headEnd + 4, length);
        client.input.erase(0, headEnd + 4 + length);
        answer(descriptor, client, std::move(event));
    }
}

void EventBackend::answer(int descriptor, Client &client, ReceivedEvent event)
{
    const std::lock_guard lock(m_mutex);
    Manner manner = m_manner;
    if (m_failures > 0) {
        --m_failures;
        manner = Manner{.status = m_failureStatus};
    }
    event.answered = manner.silent ? 0 : manner.status;
    m_received.push_back(std::move(event));
    m_came.notify_all();
    if (manner.silent)
        return;
    client.endless = manner.endlessBody;
    sendAll(descriptor, "HTTP/1.1 " + std::to_string(manner.status) + " Answer\r\n" + manner.fields +
                            (manner.endlessBody ? "\r\n"
                                                : "Content-Length: " + std::to_string(manner.body.size()) +
                                                      "\r\n\r\n" + manner.body));
}

} // namespace mws::test
