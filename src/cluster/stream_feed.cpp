#include "cluster/stream_feed.h"

#include <algorithm>
#include <utility>

namespace mws {

void StreamFeed::subscribed()
{
    ask();
}

void StreamFeed::linkLost()
{
    m_state = State::Detached;
    ++m_request; // an answer that is still under way is of the time before
}

void StreamFeed::check()
{
    if (m_state == State::Live)
        ask();
}

void StreamFeed::ask()
{
    m_state = State::Reading;
    m_pushedMeanwhile = 0;
    m_owner.readStream(++m_request, m_position);
}

void StreamFeed::pushed(StreamEntry &&entry)
{
    if (m_state == State::Reading) {
        m_pushedMeanwhile = std::max(m_pushedMeanwhile, entry.position.sequence);
    } else if (m_state == State::Live && entry.position != *m_position) {
        if (entry.follows(*m_position))
            take(std::move(entry));
        else
            ask(); // one is missing, or this is an old one, or another history: the stream knows
    }
}

void StreamFeed::take(StreamEntry &&entry)
{
    m_position = entry.position;
    m_owner.entryCame(std::move(entry));
}

void StreamFeed::read(uint64_t request, const StreamPosition &last, std::vector<StreamEntry> &&entries,
                      bool more)
{
    if (m_state != State::Reading || request != m_request)
        return;
    if (!m_position) {
        m_position = last;
        m_owner.positionHeld();
    } else if (const char *lost = takeAll(last, std::move(entries), more)) {
        m_position = last; // on from the stream's end: whoever was there before is told to fetch anew
        more = false;
        m_owner.entriesLost(lost);
    }
    if (more || m_pushedMeanwhile > m_position->sequence)
        ask();
    else
        m_state = State::Live;
}

/// Why what came is not the continuation of what was; null if it is.
const char *StreamFeed::takeAll(const StreamPosition &last, std::vector<StreamEntry> &&entries, bool more)
{
    if (last.sequence < m_position->sequence)
        return "the stream went back";
    for (StreamEntry &entry : entries) {
        if (!entry.follows(*m_position))
            return entry.position.sequence > m_position->sequence + 1 ? "entries were trimmed"
                                                                      : "the stream has another history";
        take(std::move(entry));
    }
    if (more || *m_position == last)
        return nullptr;
    return m_position->sequence < last.sequence ? "entries were trimmed" : "the stream has another history";
}

} // namespace mws
