#include "churn.h"

#include <gtest/gtest.h>

namespace mws::test {

namespace {

constexpr size_t liveSockets = 40;
constexpr size_t opensPerTurn = 3;
constexpr size_t changesPerTurn = 4;
constexpr std::chrono::milliseconds readTime{10};

} // namespace

Churn::Churn(const Endpoint &endpoint, const std::string &bearer, std::vector<std::string> steady)
    : m_backend(endpoint, "/v1", bearer),
      m_steady(std::move(steady)),
      m_swarm([this](size_t socket, std::string_view payload) { take(socket, payload); })
{}

void Churn::run(const std::atomic<bool> &done)
{
    while (!done) {
        ++m_turn;
        for (size_t i = 0; i < opensPerTurn; ++i)
            open();
        for (size_t i = 0; i < changesPerTurn; ++i)
            changeTags();
        m_swarm.run([&done] { return done.load(); }, readTime);
        while (m_live.size() > liveSockets)
            endOldest();
    }
}

void Churn::open()
{
    OpenSocket open = m_backend.open({Plan::groupTag(opened % 10), "guest"});
    ++opened;
    m_live.emplace_back(m_swarm.add(std::move(open.socket)), open.id);
}

void Churn::patch(const std::string &id, const std::string &body)
{
    const HttpAnswer answer = m_backend.call("PATCH", "/sockets/" + id, body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    ++changed;
}

void Churn::changeTags()
{
    const auto &[number, id] = m_live[changed % m_live.size()];
    const std::string from = Plan::groupTag(changed % 10);
    const std::string to = Plan::groupTag((changed + 3) % 10);
    patch(id, R"({"addTags":[")" + to + R"("],"removeTags":[")" + from + "\"]}");
    const std::string noise = "\"noise" + std::to_string(changed % 50) + '"';
    const char *what = m_turn % 2 == 0 ? "addTags" : "removeTags";
    patch(m_steady[changed % m_steady.size()], std::string("{\"") + what + "\":[" + noise + "]}");
}

/// By DELETE, by a Close, or without a word.
void Churn::endOldest()
{
    const auto [number, id] = m_live.front();
    m_live.pop_front();
    if (ended % 3 == 0) {
        EXPECT_EQ(m_backend.call("DELETE", "/sockets/" + id).status, 200);
    } else {
        m_swarm.close(number, ended % 3 == 1);
    }
    ++ended;
}

void Churn::take(size_t socket, std::string_view payload)
{
    PayloadHead head;
    ASSERT_TRUE(readPayloadHead(payload, head)) << payload;
    uint32_t &next = m_next[{socket, head.publisher}];
    EXPECT_GE(head.number, next) << "doubled or reordered";
    next = head.number + 1;
    ++received;
}

} // namespace mws::test
