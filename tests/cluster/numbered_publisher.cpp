#include "cluster/numbered_publisher.h"

#include <algorithm>
#include <utility>

namespace mws::test {

namespace {

/// The fate of the message is unknown, or it was refused for now; 502 and 504 are the balancer's words for
/// that.
bool isWorthRepeating(int status)
{
    return status == 0 || status == 502 || status == 503 || status == 504;
}

} // namespace

NumberedPublisher::NumberedPublisher(const Endpoint &endpoint, std::string bearer, std::string name,
                                     std::string tag, std::chrono::milliseconds interval)
    : m_api(endpoint, "/v1", std::move(bearer)),
      m_name(std::move(name)),
      m_tag(std::move(tag)),
      m_interval(interval),
      m_thread([this] { run(); })
{}

NumberedPublisher::~NumberedPublisher()
{
    stop();
}

void NumberedPublisher::stop()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stopped = true;
    }
    m_changed.notify_all();
    if (m_thread.joinable())
        m_thread.join();
}

void NumberedPublisher::run()
{
    SteadyMoment due = std::chrono::steady_clock::now();
    for (int number = 1; !isStopped(due); ++number) {
        if (!post(number)) {
            m_failed = true;
            return;
        }
        // One that is late is not followed by a burst: the load stays even.
        due = std::max(due + m_interval, std::chrono::steady_clock::now());
    }
}

bool NumberedPublisher::post(int number)
{
    const std::string text = m_name + ':' + std::to_string(number);
    const std::string body =
        R"({"data":")" + text + R"(","id":")" + text + R"(","receivers":{"tags":[")" + m_tag + R"("]}})";
    const SteadyMoment began = std::chrono::steady_clock::now();
    const Deadline deadline(longPatience);
    for (;;) {
        m_begun = number;
        const int status = m_api.post("/messages", body).status;
        ++m_answers[status];
        if (status == 201)
            break;
        if (!isWorthRepeating(status) || deadline.left() == 0)
            return false;
        const std::chrono::milliseconds pause{20};
        isStopped(std::chrono::steady_clock::now() + pause); // repeated all the same
    }
    m_accepted = number;
    const auto took = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    m_longest = std::max(m_longest, took);
    return true;
}

bool NumberedPublisher::isStopped(SteadyMoment due)
{
    std::unique_lock lock(m_mutex);
    return m_changed.wait_until(lock, due, [this] { return m_stopped; });
}

} // namespace mws::test
