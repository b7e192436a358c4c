#include "redis/redis_pipeline.h"

#include "redis/redis_reader.h"

#include <algorithm>
#include <utility>

namespace mws {

namespace {

/// A reply that is still coming after so many reply timeouts is not worth more.
constexpr int longestReply = 10;

size_t sizeOf(const RedisCall &call)
{
    size_t size = 64;
    for (const std::string &arg : call.args)
        size += arg.size() + 16;
    return size;
}

} // namespace

std::string RedisPipeline::add(const RedisCall &call, RedisHandler &handler, SteadyTime now)
{
    if (call.args.empty())
        return "a command without a name";
    const size_t size = sizeOf(call);
    if (m_entries.size() >= m_limits.commands)
        return "too many commands wait for Redis";
    if (size > m_limits.bytes || m_bytes > m_limits.bytes - size)
        return "too many bytes wait for Redis";
    const SteadyTime deadline = now + call.deadline.value_or(m_limits.replyTimeout + call.blocks);
    m_entries.push_back(
        {formatRedisCommand(call.args), size, std::move(handler), deadline, {}, call.blocks, false});
    m_bytes += size;
    m_earliest = m_earliest ? std::min(*m_earliest, deadline) : deadline;
    return {};
}

std::string RedisPipeline::take(size_t most, SteadyTime now)
{
    std::string bytes;
    while (hasUnsent() && bytes.size() < most) {
        Entry &entry = m_entries[m_sent];
        if (bytes.empty())
            bytes = std::move(entry.bytes);
        else
            bytes += entry.bytes;
        entry.bytes = {};
        entry.sentAt = now;
        m_sentBytes += entry.size;
        ++m_sent;
    }
    return bytes;
}

std::optional<RedisHandler> RedisPipeline::answered(SteadyTime now)
{
    if (m_sent == 0)
        return std::nullopt;
    Entry entry = std::move(m_entries.front());
    m_entries.pop_front();
    --m_sent;
    m_bytes -= entry.size;
    m_sentBytes -= entry.size;
    m_frontSince = now;
    if (m_entries.empty())
        m_earliest.reset();
    return std::move(entry.handler);
}

RedisPipeline::Endings RedisPipeline::expire(SteadyTime now)
{
    Endings endings;
    if (!m_earliest || *m_earliest > now)
        return endings;
    m_earliest.reset();
    std::deque<Entry> kept;
    const size_t sent = m_sent;
    for (size_t i = 0; i < m_entries.size(); ++i) {
        Entry &entry = m_entries[i];
        if (!entry.over && entry.deadline <= now) {
            entry.over = true;
            if (entry.handler)
                endings.emplace_back(std::exchange(entry.handler, nullptr),
                                     i < sent ? RedisAnswer::unknown("no answer from Redis in time")
                                              : RedisAnswer::notSent("not sent to Redis in time"));
        }
        if (i >= sent && entry.over) {
            m_bytes -= entry.size;
            continue;
        }
        if (!entry.over)
            m_earliest = m_earliest ? std::min(*m_earliest, entry.deadline) : entry.deadline;
        kept.push_back(std::move(entry));
    }
    m_entries = std::move(kept);
    return endings;
}

RedisPipeline::Endings RedisPipeline::endUnsent(const std::string &why)
{
    Endings endings;
    while (hasUnsent()) {
        endings.emplace_back(std::move(m_entries.back().handler), RedisAnswer::notSent(why));
        m_bytes -= m_entries.back().size;
        m_entries.pop_back();
    }
    std::reverse(endings.begin(), endings.end());
    std::erase_if(endings, [](const auto &ending) { return !ending.first; });
    return endings;
}

RedisPipeline::Endings RedisPipeline::end(const std::string &why)
{
    Endings endings;
    for (size_t i = 0; i < m_sent; ++i)
        if (m_entries[i].handler)
            endings.emplace_back(std::move(m_entries[i].handler), RedisAnswer::unknown(why));
    for (auto &ending : endUnsent(why))
        endings.push_back(std::move(ending));
    m_entries.clear();
    m_sent = m_bytes = m_sentBytes = 0;
    m_earliest.reset();
    return endings;
}

std::optional<SteadyTime> RedisPipeline::overdueAt(SteadyTime received) const
{
    if (m_sent == 0)
        return std::nullopt;
    const Entry &front = m_entries.front();
    const SteadyTime begun = std::max(front.sentAt, m_frontSince);
    const SteadyTime silent = std::max(begun, received) + front.blocks + m_limits.replyTimeout;
    return std::min(silent, begun + front.blocks + longestReply * m_limits.replyTimeout);
}

bool RedisPipeline::isOverdue(SteadyTime received, SteadyTime now) const
{
    const auto due = overdueAt(received);
    return due && *due <= now;
}

std::optional<SteadyTime> RedisPipeline::nextDeadline() const
{
    return m_earliest;
}

} // namespace mws
