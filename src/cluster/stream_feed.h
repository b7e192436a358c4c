#pragma once

#include "cluster/stream_entry.h"

#include <optional>
#include <vector>

namespace mws {

/// What a StreamFeed asks of the store, and tells. None of these may call the feed back at once.
class StreamFeedOwner
{
public:
    /// Wants the stream's last position, and the entries after `after`, as of one moment; `after` absent:
    /// only the position. Answered with StreamFeed::read(request, …), once, later; or not at all if the link
    /// is lost.
    virtual void readStream(uint64_t request, std::optional<StreamPosition> after) = 0;
    /// The position is held: no entry from now on is missed unnoticed. Once.
    virtual void positionHeld() = 0;
    /// The next entry, each once and in order.
    virtual void entryCame(StreamEntry &&entry) = 0;
    /// Entries can no longer be read, or were never seen by others: what was delivered is not all there was.
    /// The feed goes on behind them.
    virtual void entriesLost(const char *reason) = 0;

protected:
    ~StreamFeedOwner() = default;
};

/// Reads one gateway's stream on one node: entries are pushed as they are written, and what a push that did
/// not come would have told is read from the stream. The stream is what counts; pushes only make it quick.
/// Pure: knows neither Redis nor time. Thread: its owner's.
class StreamFeed
{
public:
    explicit StreamFeed(StreamFeedOwner &owner) : m_owner(owner) {}

    /// Pushes will come from now on: called when a subscription is confirmed, the first time and after each
    /// break.
    void subscribed();
    /// No push comes, and no answer to what was asked. The position is kept.
    void linkLost();
    void pushed(StreamEntry &&entry);
    /// The answer to readStream(): up to `more` entries, in order; `more` says that there are further ones.
    void read(uint64_t request, const StreamPosition &last, std::vector<StreamEntry> &&entries, bool more);
    /// Looks whether something is missing, for the case that a push was lost and none follows.
    void check();

    bool isDetached() const { return m_state == State::Detached; }
    bool isHeld() const { return m_position.has_value(); }
    /// Everything up to this has been given to the owner; nothing before the position is held.
    const std::optional<StreamPosition> &position() const { return m_position; }

private:
    enum class State {
        Detached, ///< no pushes
        Reading,  ///< an answer is awaited; pushes meanwhile are only remembered
        Live,     ///< pushes are delivered
    };

    void ask();
    void take(StreamEntry &&entry);
    const char *takeAll(const StreamPosition &last, std::vector<StreamEntry> &&entries, bool more);

    StreamFeedOwner &m_owner;
    State m_state = State::Detached;
    std::optional<StreamPosition> m_position;
    uint64_t m_request = 0;
    uint64_t m_pushedMeanwhile = 0; ///< highest sequence that was pushed while reading
};

} // namespace mws
