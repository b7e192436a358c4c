#include "load_swarm.h"

#include "support/http_client.h"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstdio>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace mws::test {

namespace {

using std::chrono::nanoseconds;

constexpr size_t timestampDigits = 20;

nanoseconds now()
{
    return std::chrono::steady_clock::now().time_since_epoch();
}

/// The payload of the first frame, which is taken off; nothing if it is not whole. The gateway's frames have
/// no mask (RFC 6455 §5.1).
bool takeFrame(std::string_view &bytes, std::string_view &payload, bool &isMessage)
{
    if (bytes.size() < 4)
        return false;
    const auto at = [&bytes](size_t i) { return size_t(static_cast<unsigned char>(bytes[i])); };
    size_t head = 2;
    size_t size = at(1) & 127;
    if (size == 126) {
        head = 4;
        size = at(2) << 8 | at(3);
    }
    if (size == 127 || bytes.size() < head + size)
        return false;
    isMessage = (at(0) & 15) == 1;
    payload = bytes.substr(head, size);
    bytes.remove_prefix(head + size);
    return true;
}

} // namespace

std::string timestamp()
{
    std::array<char, timestampDigits + 1> text;
    std::snprintf(text.data(), text.size(), "%020lld", static_cast<long long>(now().count()));
    return text.data();
}

LoadSwarm::~LoadSwarm()
{
    m_stop = true;
    if (m_thread.joinable())
        m_thread.join();
    for (const Reader &reader : m_readers)
        ::close(reader.descriptor);
    if (m_epoll >= 0)
        ::close(m_epoll);
}

bool LoadSwarm::open(const Endpoint &endpoint, const std::string &target)
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    m_readers.push_back({descriptor});
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port);
    ::inet_pton(AF_INET, endpoint.host.c_str(), &address.sin_addr);
    if (::connect(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        return false;
    const std::string request = httpText({.target = target,
                                          .headers = {{"Connection", "Upgrade"},
                                                      {"Upgrade", "websocket"},
                                                      {"Sec-WebSocket-Version", "13"},
                                                      {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}}},
                                         endpoint);
    if (::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) != ssize_t(request.size()))
        return false;
    std::string answer;
    char byte = 0;
    while (!answer.ends_with("\r\n\r\n") && ::recv(descriptor, &byte, 1, 0) == 1)
        answer += byte;
    return answer.starts_with("HTTP/1.1 101 ");
}

void LoadSwarm::start()
{
    m_epoll = ::epoll_create1(EPOLL_CLOEXEC);
    for (size_t i = 0; i < m_readers.size(); ++i) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = i;
        ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_readers[i].descriptor, &event);
    }
    m_thread = std::thread([this] { run(); });
}

void LoadSwarm::run()
{
    std::array<epoll_event, 64> events;
    while (!m_stop) {
        const int count = ::epoll_wait(m_epoll, events.data(), int(events.size()), 20);
        for (int i = 0; i < count; ++i)
            read(m_readers[events[size_t(i)].data.u64]);
    }
}

void LoadSwarm::read(Reader &reader)
{
    std::array<char, 65536> bytes;
    const ssize_t size = ::recv(reader.descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT);
    const nanoseconds arrived = now();
    if (size <= 0) {
        ++m_broken;
        ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, reader.descriptor, nullptr);
        return;
    }
    reader.buffer.append(bytes.data(), size_t(size));
    std::string_view rest = reader.buffer;
    std::string_view payload;
    bool isMessage = false;
    const std::lock_guard lock(m_mutex);
    while (takeFrame(rest, payload, isMessage)) {
        int64_t sent = 0;
        if (!isMessage)
            continue; // a ping; the run is shorter than the wait for its pong
        const auto [end, error] = std::from_chars(payload.data(), payload.data() + timestampDigits, sent);
        if (error != std::errc() || end != payload.data() + timestampDigits)
            ++m_broken;
        m_times.push_back(arrived - nanoseconds(sent));
        ++m_received;
    }
    reader.buffer.erase(0, reader.buffer.size() - rest.size());
}

std::vector<nanoseconds> LoadSwarm::take()
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_times, {});
}

} // namespace mws::test
