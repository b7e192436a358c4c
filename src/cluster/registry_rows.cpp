#include "cluster/registry_rows.h"

#include <utility>

namespace mws {

void RegistryRows::enter(const SocketId &id, std::string body)
{
    Row &row = m_rows[id];
    m_open += row.open++ == 0 ? 1 : 0;
    ++row.life;
    row.stamp = 0;
    row.body = std::move(body);
    m_queue.insert(id);
}

std::string *RegistryRows::bodyOf(const SocketId &id)
{
    const auto it = m_rows.find(id);
    return it == m_rows.end() || it->second.open == 0 ? nullptr : &it->second.body;
}

void RegistryRows::queue(const SocketId &id)
{
    if (m_rows.contains(id))
        m_queue.insert(id);
}

bool RegistryRows::leave(const SocketId &id)
{
    const auto it = m_rows.find(id);
    if (it == m_rows.end() || it->second.open == 0)
        return false;
    Row &row = it->second;
    if (--row.open > 0)
        return true;
    --m_open;
    if (row.sent) {
        row.body = {};
        m_queue.insert(id);
    } else {
        m_queue.erase(id);
        m_rows.erase(it);
    }
    return true;
}

RegistryWrite RegistryRows::take(uint64_t sequence, size_t rows, size_t bytes, SteadyTime now)
{
    RegistryWrite write;
    write.gateway = m_gateway;
    write.sequence = sequence;
    write.after = m_after;
    size_t size = 0;
    while (!m_queue.empty() && m_flight.size() < rows && size < bytes) {
        const SocketId id = *m_queue.begin();
        m_queue.erase(m_queue.begin());
        Row &row = m_rows.at(id);
        row.sent = true;
        m_flight.emplace(id, row.life);
        size += SocketId::length + row.body.size();
        if (row.open > 0)
            write.rows.push_back({id, row.stamp, row.body});
        else
            write.removed.push_back(id);
    }
    m_cut = !m_queue.empty();
    m_sequence = sequence;
    m_sentAt = now;
    m_writing = true;
    m_everSent = true;
    return write;
}

std::vector<RegistryRival> RegistryRows::written(const RegistryWritten &written)
{
    m_writing = false;
    std::vector<RegistryRival> rivals;
    for (const RegistryRival &rival : written.rivals) {
        const auto row = m_rows.find(rival.id);
        const auto sent = m_flight.find(rival.id);
        // One that was opened anew meanwhile is queued: its own write tells.
        if (row != m_rows.end() && row->second.open > 0 && sent != m_flight.end() &&
            sent->second == row->second.life)
            rivals.push_back(rival);
    }
    switch (written.outcome) {
    case RegistryWritten::Outcome::Done:
        done(written);
        break;
    case RegistryWritten::Outcome::Lost:
        lost();
        break;
    case RegistryWritten::Outcome::Unknown:
        unknown();
        break;
    }
    m_flight.clear();
    return rivals;
}

void RegistryRows::done(const RegistryWritten &written)
{
    m_after = m_sequence;
    m_leasedAt = m_sentAt;
    setStamps(written);
    for (const auto &[id, life] : m_flight) {
        const auto it = m_rows.find(id);
        if (it != m_rows.end() && it->second.open == 0 && !m_queue.contains(id))
            m_rows.erase(it);
    }
    for (const SocketId &id : written.contested)
        if (bodyOf(id))
            m_queue.insert(id);
}

void RegistryRows::setStamps(const RegistryWritten &written)
{
    const auto set = [this](const SocketId &id, uint32_t life, RegistryStamp stamp) {
        const auto it = m_rows.find(id);
        if (it != m_rows.end() && it->second.life == life && it->second.stamp == 0)
            it->second.stamp = stamp;
    };
    for (const auto &[id, stamp] : written.earlier)
        if (const auto sent = m_flight.find(id); sent != m_flight.end())
            set(id, sent->second, stamp);
    for (const auto &[id, life] : m_flight)
        set(id, life, written.stamp);
}

/// The next write drops what the store has, so that all that is open has to go with it or follow.
void RegistryRows::lost()
{
    m_after = 0;
    m_queue.clear();
    for (auto it = m_rows.begin(); it != m_rows.end();) {
        if (it->second.open == 0) {
            it = m_rows.erase(it);
            continue;
        }
        m_queue.insert(it->first);
        ++it;
    }
}

void RegistryRows::unknown()
{
    for (const auto &[id, life] : m_flight)
        queue(id);
}

} // namespace mws
