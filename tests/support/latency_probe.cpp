#include "support/latency_probe.h"

#include "support/http_client.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>

namespace mws::test {

namespace {

constexpr size_t connections = 8;

std::chrono::microseconds at(const std::vector<std::chrono::microseconds> &sorted, double share)
{
    if (sorted.empty())
        return {};
    return sorted[std::min(sorted.size() - 1, size_t(double(sorted.size()) * share))];
}

} // namespace

LatencyProbe::LatencyProbe(Question question, std::chrono::milliseconds every)
    : m_thread([this, question = std::move(question), every] { run(question, every); })
{}

LatencyProbe::~LatencyProbe()
{
    stop();
}

Latencies LatencyProbe::stop()
{
    m_stop = true;
    if (m_thread.joinable())
        m_thread.join();
    std::sort(m_times.begin(), m_times.end());
    return {.requests = m_times.size(),
            .failures = m_failures,
            .median = at(m_times, 0.5),
            .p99 = at(m_times, 0.99),
            .longest = m_times.empty() ? std::chrono::microseconds{} : m_times.back()};
}

void LatencyProbe::run(const Question &question, std::chrono::milliseconds every)
{
    auto due = std::chrono::steady_clock::now();
    while (!m_stop) {
        const auto before = std::chrono::steady_clock::now();
        m_failures += !question();
        const auto after = std::chrono::steady_clock::now();
        m_times.push_back(std::chrono::duration_cast<std::chrono::microseconds>(after - before));
        due = std::max(due + every, after);
        std::this_thread::sleep_until(due);
    }
}

LatencyProbe::Question healthyGets(const Endpoint &endpoint)
{
    struct Clients
    {
        std::vector<HttpClient> all;
        size_t next = 0;
    };
    const auto clients = std::make_shared<Clients>();
    for (size_t i = 0; i < connections; ++i) {
        HttpClient &client = clients->all.emplace_back(endpoint);
        EXPECT_EQ(client.request("GET", "/").status, 200); // it is open before the attack begins
    }
    return
        [clients] { return clients->all[clients->next++ % connections].request("GET", "/").status == 200; };
}

} // namespace mws::test
