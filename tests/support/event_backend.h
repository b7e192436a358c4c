#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mws::test {

/// A POST that came to an EventBackend.
struct ReceivedEvent
{
    std::string path;
    std::map<std::string, std::string> fields; ///< names in lower case
    std::string body;
    int answered = 0; ///< with that status; 0: not at all

    const std::string &id() const { return fields.at("webhook-id"); }
    /// `socket.connected`
    std::string type() const;
    /// A string member of `data`.
    std::string data(const std::string &member) const;
};

/// A backend that events are POSTed to, on a port of 127.0.0.1 and a thread of its own. Thread: any.
class EventBackend
{
public:
    /// What it answers: a status, more head lines, and how it goes on.
    struct Manner
    {
        int status = 204;
        std::string fields = {}; ///< `Name: value\r\n` each
        std::string body = {};
        bool silent = false;      ///< takes the request and never answers
        bool endlessBody = false; ///< sends a body for as long as somebody reads it
    };

    EventBackend();
    ~EventBackend();
    EventBackend(const EventBackend &) = delete;

    uint16_t port() const { return m_port; }
    std::string url(const std::string &path = "/events") const
    {
        return "http://127.0.0.1:" + std::to_string(m_port) + path;
    }
    /// For the next requests; nobody waits for an answer of an earlier manner.
    void setManner(const Manner &manner);
    /// The next `count` requests are answered so, those after it with 204.
    void failFor(int count, int status);

    std::vector<ReceivedEvent> received() const;
    /// Those that were accepted, each id once, in the order in which they first were.
    std::vector<ReceivedEvent> accepted() const;
    /// Waits until `condition` holds of what came; it must not ask this object.
    bool waitFor(const std::function<bool(const std::vector<ReceivedEvent> &)> &condition,
                 std::chrono::milliseconds wait = std::chrono::seconds(30)) const;
    bool waitForAccepted(size_t count) const;

private:
    struct Client
    {
        std::string input;
        bool endless = false;
    };
    void serve();
    bool readFrom(int descriptor, Client &client);
    void answer(int descriptor, Client &client, ReceivedEvent event);

    uint16_t m_port = 0;
    int m_listener = -1;
    int m_wake[2] = {-1, -1};
    mutable std::mutex m_mutex;
    mutable std::condition_variable m_came;
    Manner m_manner;                       // under m_mutex
    int m_failures = 0;                    // under m_mutex
    int m_failureStatus = 500;             // under m_mutex
    std::vector<ReceivedEvent> m_received; // under m_mutex
    std::thread m_thread;
};

} // namespace mws::test
