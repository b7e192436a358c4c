#pragma once

#include "support/raw_connection.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace mws::test {

/// Nanoseconds of the monotonic clock in 20 digits: what each message of a load begins with.
std::string timestamp();

/// Sockets that take all messages on one thread and note how long each took from its timestamp to here.
/// Thread: one at a time; the readers' thread is its own.
class LoadSwarm
{
public:
    LoadSwarm() = default;
    ~LoadSwarm();
    LoadSwarm(const LoadSwarm &) = delete;
    LoadSwarm &operator=(const LoadSwarm &) = delete;

    /// Opens a socket and answers whether that worked. Before start().
    bool open(const Endpoint &endpoint, const std::string &target);
    void start();

    /// How long the messages took that have come since the last call.
    std::vector<std::chrono::nanoseconds> take();
    /// How many have come in all.
    size_t received() const { return m_received.load(); }
    /// Sockets that ended, or sent what is no such message.
    size_t broken() const { return m_broken.load(); }

private:
    struct Reader
    {
        int descriptor = -1;
        std::string buffer = {};
    };
    void run();
    void read(Reader &reader);

    int m_epoll = -1;
    std::vector<Reader> m_readers; // the thread's once it runs
    std::thread m_thread;
    std::atomic<bool> m_stop{false};
    std::atomic<size_t> m_received{0};
    std::atomic<size_t> m_broken{0};
    std::mutex m_mutex; ///< guards m_times
    std::vector<std::chrono::nanoseconds> m_times;
};

} // namespace mws::test
