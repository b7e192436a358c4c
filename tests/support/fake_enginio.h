#pragma once

#include "support/http_client.h"

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mws::test {

/// An Enginio Data Storage that knows users by their access tokens, on a port of 127.0.0.1 and a thread of
/// its own. Who brings no token gets what was added for the empty one: so it serves a JWK Set, too. Thread:
/// any.
class FakeEnginio
{
public:
    /// How it treats the next requests.
    enum class Mood {
        Well,     ///< 200 with the user, 401 for others
        Silent,   ///< takes the request and never answers
        Garbage,  ///< 200 with what is not JSON
        Failing,  ///< 500
        Huge,     ///< 200 with a megabyte in front of what it should be
        Elsewhere ///< 302 to /elsewhere, where the same is well
    };

    FakeEnginio();
    ~FakeEnginio();

    std::string uri() const { return "http://127.0.0.1:" + std::to_string(m_port); }
    /// `user` is the JSON that GET answers to the bearer of `accessToken`.
    void add(const std::string &accessToken, const std::string &user);
    void setMood(Mood mood) { m_mood = mood; }
    /// Heads of the requests that came, in their order.
    std::vector<std::string> requests() const;
    /// Closes its port: nobody is there any more.
    void close();

private:
    void serve();
    void answer(int descriptor, const std::string &head);

    uint16_t m_port = 0;
    int m_listener = -1;
    int m_wake[2] = {-1, -1};
    std::atomic<Mood> m_mood{Mood::Well};
    mutable std::mutex m_mutex;
    std::map<std::string, std::string> m_users; // under m_mutex
    std::vector<std::string> m_requests;        // under m_mutex
    std::thread m_thread;
};

} // namespace mws::test
