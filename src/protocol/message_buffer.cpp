#include "protocol/message_buffer.h"

#include <algorithm>

namespace mws {

namespace {

constexpr size_t firstSegment = 256;
constexpr size_t largestSegment = 65536;

} // namespace

void MessageBuffer::append(std::string_view bytes)
{
    while (!bytes.empty()) {
        if (m_segments.empty() || m_segments.back().size() == m_segments.back().capacity()) {
            const size_t wanted = std::max({m_size, bytes.size(), firstSegment});
            m_segments.emplace_back().reserve(std::min(wanted, largestSegment));
        }
        std::string &last = m_segments.back();
        const std::string_view part = bytes.substr(0, last.capacity() - last.size());
        last.append(part);
        bytes.remove_prefix(part.size());
        m_size += part.size();
    }
}

std::string_view MessageBuffer::whole()
{
    if (m_segments.empty())
        return {};
    if (m_segments.size() > 1) {
        std::string joined;
        joined.reserve(m_size);
        for (std::string &segment : m_segments) {
            joined += segment;
            segment = {};
        }
        m_segments.clear();
        m_segments.push_back(std::move(joined));
    }
    return m_segments.front();
}

} // namespace mws
