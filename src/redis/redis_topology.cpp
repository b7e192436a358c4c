#include "redis/redis_topology.h"

#include "base/number_text.h"

#include <algorithm>

namespace mws {

namespace {

constexpr size_t mostServers = 10000;

constexpr std::array<uint16_t, 256> crcTable = [] {
    std::array<uint16_t, 256> table{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        unsigned crc = byte << 8;
        for (int bit = 0; bit < 8; ++bit)
            crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
        table[byte] = uint16_t(crc);
    }
    return table;
}();

/// `[host, port, …]` of CLUSTER SLOTS. Nothing if the cluster does not know where it is.
std::optional<RedisNode> nodeOf(const RedisReply &reply, const RedisNode &asked)
{
    if (!reply.isArray() || reply.elements.size() < 2)
        return std::nullopt;
    const auto host = reply.elements[0].string();
    const auto port = reply.elements[1].number();
    if ((!host && !reply.elements[0].isNil()) || host == "?" || !port || *port < 1 || *port > 65535)
        return std::nullopt;
    return RedisNode{host && !host->empty() ? std::string(*host) : asked.host, uint16_t(*port)};
}

} // namespace

uint16_t redisCrc16(std::string_view bytes)
{
    unsigned crc = 0;
    for (const char c : bytes)
        crc = (crc << 8 & 0xFFFF) ^ crcTable[(crc >> 8 ^ static_cast<unsigned char>(c)) & 0xFF];
    return uint16_t(crc);
}

uint16_t redisSlot(std::string_view key)
{
    const size_t open = key.find('{');
    if (open != std::string_view::npos) {
        const size_t close = key.find('}', open + 1);
        if (close != std::string_view::npos && close > open + 1)
            key = key.substr(open + 1, close - open - 1);
    }
    return redisCrc16(key) % redisSlots;
}

std::optional<RedisTopology> RedisTopology::fromClusterSlots(const RedisReply &reply, const RedisNode &asked)
{
    if (!reply.isArray())
        return std::nullopt;
    RedisTopology topology;
    for (const RedisReply &range : reply.elements)
        if (!topology.addRange(range, asked))
            return std::nullopt;
    if (topology.m_nodes.empty())
        return std::nullopt;
    return topology;
}

/// `[first slot, last slot, primary, replica…]`
bool RedisTopology::addRange(const RedisReply &range, const RedisNode &asked)
{
    if (!range.isArray() || range.elements.size() < 3)
        return false;
    const auto first = range.elements[0].number();
    const auto last = range.elements[1].number();
    if (!first || !last || *first < 0 || *last < *first || *last >= redisSlots)
        return false;
    for (size_t i = 2; i < range.elements.size(); ++i) {
        const auto node = nodeOf(range.elements[i], asked);
        if (!node)
            continue;
        if (m_nodes.size() >= mostServers)
            return false;
        const uint16_t index = indexOf(*node);
        if (i == 2)
            std::fill(m_owners.begin() + *first, m_owners.begin() + *last + 1, index);
    }
    return true;
}

uint16_t RedisTopology::indexOf(const RedisNode &node)
{
    const auto it = std::find(m_nodes.begin(), m_nodes.end(), node);
    if (it != m_nodes.end())
        return uint16_t(it - m_nodes.begin());
    m_nodes.push_back(node);
    return uint16_t(m_nodes.size() - 1);
}

const RedisNode *RedisTopology::primary(uint16_t slot) const
{
    const uint16_t index = m_owners[slot];
    return index == nobody ? nullptr : &m_nodes[index];
}

void RedisTopology::move(uint16_t slot, const RedisNode &node)
{
    if (slot < redisSlots && m_nodes.size() < mostServers)
        m_owners[slot] = indexOf(node);
}

std::vector<RedisNode> RedisTopology::primaries() const
{
    std::vector<bool> owns(m_nodes.size());
    for (const uint16_t index : m_owners)
        if (index != nobody)
            owns[index] = true;
    std::vector<RedisNode> all;
    for (size_t i = 0; i < m_nodes.size(); ++i)
        if (owns[i])
            all.push_back(m_nodes[i]);
    return all;
}

bool RedisTopology::isComplete() const
{
    return std::find(m_owners.begin(), m_owners.end(), nobody) == m_owners.end();
}

std::optional<RedisRedirection> parseRedirection(const RedisReply &error, const RedisNode &asked)
{
    const std::string_view code = error.errorCode();
    if (code != "MOVED" && code != "ASK")
        return std::nullopt;
    const std::string_view text =
        std::string_view(error.text).substr(std::min(code.size() + 1, error.text.size()));
    const size_t space = std::min(text.find(' '), text.size());
    const size_t colon = text.rfind(':');
    const auto slot = numberOf<uint16_t>(text.substr(0, space));
    if (!slot || *slot >= redisSlots || colon == std::string_view::npos || colon < space)
        return std::nullopt;
    const std::string_view host = text.substr(space + 1, colon - space - 1);
    const auto port = numberOf<uint16_t>(text.substr(colon + 1));
    if (!port || *port == 0 || host == "?")
        return std::nullopt;
    return RedisRedirection{*slot, {host.empty() ? asked.host : std::string(host), *port}};
}

} // namespace mws
