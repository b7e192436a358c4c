#pragma once

#include "events/retry_schedule.h"
#include "mws/base/clock.h"
#include "mws/domain/gateway.h"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mws {

/// An event that waits to be accepted by its backend.
struct QueuedEvent
{
    uint64_t sequence = 0; ///< of this process and those before it; later ones are larger
    std::string id;        ///< `webhook-id`
    SocketId socket;
    EventType type = EventType::Connected;
    std::string user; ///< empty: none
    WallTime created{};
    std::optional<WallTime> heldUntil; ///< of a disconnect that a new connection may undo
    std::string body;
};

/// What an attempt came to.
struct AttemptOutcome
{
    int status = 0; ///< 0: no answer
    std::optional<std::chrono::seconds> retryAfter;
    bool accepted() const { return status >= 200 && status <= 299; }
    bool gone() const { return status == 410; }
};

/// The events of one gateway, and the rules by which they are sent: in order for each socket, several sockets
/// at a time, again after a growing pause, none for longer than EventSettings::giveUp. An endpoint that fails
/// again and again is asked by one event at a time; the first that it accepts sets all others free. Knows no
/// network, no disk and no log. Thread: one at a time.
class EventQueue
{
public:
    static constexpr size_t parallel = 16;           ///< attempts under way
    static constexpr uint32_t failuresUntilDown = 3; ///< in a row
    static constexpr std::chrono::milliseconds longestProbePause{60000};

    /// Why an event has left.
    enum class End {
        Accepted,
        GivenUp, ///< its time was over
        Dropped, ///< to make room, or nothing takes it any more
        Folded,  ///< a disconnect and the connect that undid it
    };
    struct Ended
    {
        uint64_t sequence;
        End end;
    };
    /// `random` is uniform in 0 to 1, for jitter.
    EventQueue(EventSettings settings, const Clock &clock, std::function<double()> random);

    /// A new URL is a new endpoint: it is on, and nothing is known against it.
    void configure(const EventSettings &settings);
    const EventSettings &settings() const { return m_settings; }

    void add(QueuedEvent event);
    /// The next event to be sent now, which is under way from then on; null if there is none. Stays valid
    /// until the next call.
    const QueuedEvent *next();
    /// What became of an event that is under way; of one that has left meanwhile, only the endpoint is
    /// judged.
    void answered(uint64_t sequence, const AttemptOutcome &outcome);
    /// All leave.
    void dropAll();

    /// When next() may have something, unless add() or answered() come before; nothing: not by time alone.
    std::optional<SteadyTime> due() const;
    /// What has left since the last call.
    std::vector<Ended> takeEnded() { return std::exchange(m_ended, {}); }

    size_t size() const { return m_events.size(); }
    uint64_t bytes() const { return m_bytes; }
    size_t underWay() const { return m_flights.size(); }
    /// Failures in a row.
    uint32_t failures() const { return m_failures; }
    /// It answered 410: nothing is sent or kept until another URL is configured.
    bool isOff() const { return m_off; }

private:
    struct Lane
    {
        std::deque<uint64_t> events; ///< sequences, the oldest first
        uint32_t attempts = 0;       ///< of the first one
        SteadyTime due{};            ///< of the first one, while it is in m_ready
        bool underWay = false;
    };
    /// What was known of the endpoint when an attempt began.
    struct Flight
    {
        uint64_t round;
        uint64_t endpoint;
    };
    using Lanes = std::unordered_map<SocketId, Lane>;

    bool undo(const QueuedEvent &connect);
    void makeRoom(size_t bytes);
    void enter(Lane &lane, SteadyTime due);
    void leave(uint64_t sequence, End end);
    SteadyTime earliest(const QueuedEvent &event) const;
    bool isOld(const QueuedEvent &event) const;
    void failed(uint64_t sequence, const AttemptOutcome &outcome, const Flight &flight);
    void blame(const Flight &flight, std::chrono::milliseconds asked);
    void release();

    EventSettings m_settings;
    const Clock &m_clock;
    std::function<double()> m_random;
    std::map<uint64_t, QueuedEvent> m_events; ///< by sequence
    uint64_t m_bytes = 0;
    Lanes m_lanes;
    std::set<std::pair<SteadyTime, uint64_t>> m_ready; ///< the first of each lane that is not under way
    std::map<uint64_t, Flight> m_flights;              ///< by sequence
    std::unordered_map<std::string, std::deque<uint64_t>> m_held; ///< disconnects by who may undo them
    std::vector<Ended> m_ended;
    uint32_t m_failures = 0;
    uint64_t m_round = 0; ///< attempts that began before a failure was known say nothing new
    SteadyTime m_pausedUntil{};
    uint64_t m_endpoint = 0; ///< counts URLs
    bool m_off = false;
};

} // namespace mws
