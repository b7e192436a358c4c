#include "protocol/output_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace mws {

/// Gives its front away by moving its start; the room before that is used again once it is half of all.
struct OutputQueue::Rest
{
    std::vector<Chunk> chunks;
    size_t start = 0;
    SteadyTime earliestExpiry = SteadyTime::max(); ///< or earlier than any

    bool empty() const { return start == chunks.size(); }
    size_t size() const { return chunks.size() - start; }
    Chunk &at(size_t position) { return chunks[start + position]; }
    Chunk takeFront();
    /// Removes what `unwanted` names among the first `count`. What it keeps of them moves up to those behind,
    /// so that the cost is linear in `count`.
    template <typename Unwanted>
    void removeAmongFirst(size_t count, Unwanted unwanted);
};

OutputQueue::Chunk OutputQueue::Rest::takeFront()
{
    constexpr size_t worthwhile = 32;
    Chunk front = std::move(chunks[start++]);
    if (start >= worthwhile && start * 2 >= chunks.size()) {
        chunks.erase(chunks.begin(), chunks.begin() + static_cast<ptrdiff_t>(start));
        start = 0;
    }
    return front;
}

template <typename Unwanted>
void OutputQueue::Rest::removeAmongFirst(size_t count, Unwanted unwanted)
{
    const auto front = chunks.begin() + static_cast<ptrdiff_t>(start);
    const auto kept = std::remove_if(std::make_reverse_iterator(front + static_cast<ptrdiff_t>(count)),
                                     std::make_reverse_iterator(front), unwanted);
    std::fill(front, kept.base(), Chunk{});
    start = static_cast<size_t>(kept.base() - chunks.begin());
}

OutputQueue::OutputQueue() = default;
OutputQueue::~OutputQueue() = default;

OutputQueue::OutputQueue(OutputQueue &&other) noexcept
    : m_first(std::exchange(other.m_first, {})),
      m_rest(std::move(other.m_rest)),
      m_bytes(std::exchange(other.m_bytes, 0)),
      m_offset(std::exchange(other.m_offset, 0))
{}

OutputQueue &OutputQueue::operator=(OutputQueue &&other) noexcept
{
    m_first = std::exchange(other.m_first, {});
    m_rest = std::move(other.m_rest);
    m_bytes = std::exchange(other.m_bytes, 0);
    m_offset = std::exchange(other.m_offset, 0);
    return *this;
}

bool OutputQueue::expiredBy(const Chunk &chunk, SteadyTime now)
{
    return chunk.kind == Kind::Data && chunk.expires != SteadyTime{} && chunk.expires <= now;
}

OutputQueue::Chunk &OutputQueue::last()
{
    return m_rest && !m_rest->empty() ? m_rest->chunks.back() : m_first;
}

void OutputQueue::push(Chunk chunk)
{
    const size_t size = chunk.bytes->size();
    if (empty()) {
        m_first = std::move(chunk);
    } else {
        if (!m_rest)
            m_rest = std::make_unique<Rest>();
        if (chunk.expires != SteadyTime{})
            m_rest->earliestExpiry = std::min(m_rest->earliestExpiry, chunk.expires);
        m_rest->chunks.push_back(std::move(chunk));
    }
    m_bytes += size;
}

void OutputQueue::pushShared(SharedBytes frame, Kind kind, SteadyTime expires)
{
    if (frame && !frame->empty())
        push({std::move(frame), expires, kind, false});
}

void OutputQueue::pushCopy(std::string_view bytes, Kind kind)
{
    constexpr size_t small = 4096;
    if (bytes.empty())
        return;
    if (kind == Kind::Control && !empty()) {
        Chunk &before = last();
        const bool untouched = &before != &m_first || !begun();
        if (before.own && before.kind == kind && untouched && before.bytes->size() + bytes.size() <= small) {
            std::const_pointer_cast<std::string>(before.bytes)->append(bytes); // ours alone
            m_bytes += bytes.size();
            return;
        }
    }
    push({std::make_shared<std::string>(bytes), {}, kind, true});
}

void OutputQueue::removeFirst()
{
    m_offset = 0;
    if (m_rest && !m_rest->empty()) {
        m_first = m_rest->takeFront();
        return;
    }
    m_first = Chunk{};
    m_rest.reset();
}

void OutputQueue::dropExpired(SteadyTime now, uint64_t &expired)
{
    if (m_rest && m_rest->earliestExpiry <= now) {
        m_rest->earliestExpiry = SteadyTime::max();
        m_rest->removeAmongFirst(m_rest->size(), [&](const Chunk &chunk) {
            if (expiredBy(chunk, now)) {
                m_bytes -= chunk.bytes->size();
                ++expired;
                return true;
            }
            if (chunk.expires != SteadyTime{})
                m_rest->earliestExpiry = std::min(m_rest->earliestExpiry, chunk.expires);
            return false;
        });
    }
    if (!empty() && !begun() && expiredBy(m_first, now)) {
        m_bytes -= m_first.bytes->size();
        ++expired;
        removeFirst();
    }
}

size_t OutputQueue::gather(std::span<iovec> vectors, SteadyTime now, uint64_t &expired)
{
    dropExpired(now, expired);
    if (empty() || vectors.empty())
        return 0;
    const auto whole = [](const Chunk &chunk) {
        return iovec{const_cast<char *>(chunk.bytes->data()), chunk.bytes->size()}; // writev() only reads
    };
    vectors[0] = whole(m_first);
    vectors[0].iov_base = static_cast<char *>(vectors[0].iov_base) + m_offset;
    vectors[0].iov_len -= m_offset;
    const size_t count = m_rest ? std::min(m_rest->size(), vectors.size() - 1) : 0;
    for (size_t i = 0; i < count; ++i)
        vectors[i + 1] = whole(m_rest->at(i));
    return count + 1;
}

void OutputQueue::consume(size_t written)
{
    written = std::min(written, m_bytes);
    m_bytes -= written;
    while (written > 0) {
        const size_t left = m_first.bytes->size() - m_offset;
        if (written < left) {
            m_offset += written;
            return;
        }
        written -= left;
        removeFirst();
    }
}

size_t OutputQueue::frames() const
{
    return empty() ? 0 : 1 + (m_rest ? m_rest->size() : 0);
}

size_t OutputQueue::dropOldest(size_t limit, size_t overhead)
{
    size_t dropped = 0;
    const size_t all = frames();
    const auto tooMuch = [&] { return m_bytes + (all - dropped) * overhead > limit; };
    const auto isData = [](const Chunk &chunk) { return chunk.kind == Kind::Data; };
    const auto drop = [&](const Chunk &chunk) {
        m_bytes -= chunk.bytes->size();
        ++dropped;
    };
    const bool first = tooMuch() && !begun() && isData(m_first);
    if (first)
        drop(m_first);
    size_t seen = 0;
    for (; m_rest && tooMuch() && seen < m_rest->size(); ++seen) {
        if (isData(m_rest->at(seen)))
            drop(m_rest->at(seen));
    }
    if (seen > 0)
        m_rest->removeAmongFirst(seen, isData);
    if (first)
        removeFirst();
    return dropped;
}

void OutputQueue::dropUnsent()
{
    if (!begun())
        return clear();
    m_rest.reset();
    m_bytes = m_first.bytes->size() - m_offset;
}

void OutputQueue::clear()
{
    m_first = Chunk{};
    m_rest.reset();
    m_bytes = 0;
    m_offset = 0;
}

} // namespace mws
