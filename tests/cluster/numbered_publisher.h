#pragma once

#include "support/gateway_api.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mws::test {

using SteadyMoment = std::chrono::steady_clock::time_point;

/// Posts `NAME:1`, `NAME:2`, … to a tag, one every `interval`, each with an idempotency id. What is answered
/// 503, or not at all, is posted again with the same id until it is accepted. On a thread of its own; all
/// calls from one other.
class NumberedPublisher
{
public:
    NumberedPublisher(const Endpoint &endpoint, std::string bearer, std::string name, std::string tag,
                      std::chrono::milliseconds interval);
    ~NumberedPublisher();

    /// Ends after the message that is under way.
    void stop();

    int begun() const { return m_begun; }       ///< the number of which an attempt was made last
    int accepted() const { return m_accepted; } ///< all up to this were answered 201
    bool failed() const { return m_failed; }    ///< an answer that is neither 201 nor worth a repetition
    /// How often each status was answered; 0: no answer. After stop().
    const std::map<int, int> &answers() const { return m_answers; }
    std::chrono::milliseconds longest() const
    {
        return m_longest;
    } ///< from first attempt to 201; after stop()

private:
    void run();
    bool post(int number);
    bool isStopped(SteadyMoment due);

    GatewayApi m_api;
    const std::string m_name;
    const std::string m_tag;
    const std::chrono::milliseconds m_interval;
    std::map<int, int> m_answers;
    std::chrono::milliseconds m_longest{0};
    std::atomic<int> m_begun = 0;
    std::atomic<int> m_accepted = 0;
    std::atomic<bool> m_failed = false;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_stopped = false; // under m_mutex
    std::thread m_thread;
};

} // namespace mws::test
