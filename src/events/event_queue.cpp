#include "events/event_queue.h"

#include <algorithm>

namespace mws {

namespace {

/// Who may undo a disconnect: the user, or the socket where it has none.
std::string foldKey(const QueuedEvent &event)
{
    return event.user.empty() ? "socket " + event.socket.string() : "user " + event.user;
}

} // namespace

EventQueue::EventQueue(EventSettings settings, const Clock &clock, std::function<double()> random)
    : m_settings(std::move(settings)), m_clock(clock), m_random(std::move(random))
{}

void EventQueue::configure(const EventSettings &settings)
{
    const bool other = settings.url != m_settings.url;
    m_settings = settings;
    if (!other)
        return;
    m_off = false;
    m_failures = 0;
    ++m_round;
    ++m_endpoint;
    m_pausedUntil = {};
    release();
}

void EventQueue::add(QueuedEvent event)
{
    if (m_off || event.body.size() > m_settings.queueBytes) {
        m_ended.push_back({event.sequence, End::Dropped});
        return;
    }
    if (event.type == EventType::Connected && undo(event))
        return;
    makeRoom(event.body.size());
    const SocketId socket = event.socket;
    const uint64_t sequence = event.sequence;
    if (event.heldUntil)
        m_held[foldKey(event)].push_back(sequence);
    m_bytes += event.body.size();
    const QueuedEvent &added = m_events.emplace(sequence, std::move(event)).first->second;
    Lane &lane = m_lanes[socket];
    lane.events.push_back(sequence);
    if (lane.events.size() == 1)
        enter(lane, earliest(added));
}

/// True if there was a disconnect that this one undoes; both have left then.
bool EventQueue::undo(const QueuedEvent &connect)
{
    const auto held = m_held.find(foldKey(connect));
    if (held == m_held.end())
        return false;
    for (const uint64_t sequence : held->second) {
        if (m_flights.contains(sequence) || m_events.at(sequence).heldUntil <= m_clock.wall())
            continue;
        leave(sequence, End::Folded);
        m_ended.push_back({connect.sequence, End::Folded});
        return true;
    }
    return false;
}

/// The oldest that are not under way give way.
void EventQueue::makeRoom(size_t bytes)
{
    while (m_events.size() >= m_settings.queueEvents || m_bytes + bytes > m_settings.queueBytes) {
        const auto oldest = std::find_if(m_events.begin(), m_events.end(), [this](const auto &entry) {
            return !m_flights.contains(entry.first);
        });
        if (oldest == m_events.end())
            return; // what is under way is bounded by itself
        leave(oldest->first, End::Dropped);
    }
}

SteadyTime EventQueue::earliest(const QueuedEvent &event) const
{
    const SteadyTime now = m_clock.now();
    const WallTime wall = m_clock.wall();
    return event.heldUntil && *event.heldUntil > wall
               ? now + std::min<SteadyTime::duration>(*event.heldUntil - wall, m_settings.fold)
               : now;
}

void EventQueue::enter(Lane &lane, SteadyTime due)
{
    lane.due = due;
    lane.attempts = 0;
    m_ready.emplace(due, lane.events.front());
}

/// Takes an event out of all that knows it; the next of its socket takes its place.
void EventQueue::leave(uint64_t sequence, End end)
{
    const auto found = m_events.find(sequence);
    const QueuedEvent event = std::move(found->second);
    m_events.erase(found);
    m_bytes -= event.body.size();
    m_flights.erase(sequence);
    m_ended.push_back({sequence, end});
    if (event.heldUntil) {
        const auto held = m_held.find(foldKey(event));
        std::erase(held->second, sequence);
        if (held->second.empty())
            m_held.erase(held);
    }
    const auto at = m_lanes.find(event.socket);
    Lane &lane = at->second;
    const bool wasFirst = lane.events.front() == sequence;
    std::erase(lane.events, sequence);
    if (!wasFirst)
        return;
    m_ready.erase({lane.due, sequence});
    lane.underWay = false;
    if (lane.events.empty())
        m_lanes.erase(at);
    else
        enter(lane, earliest(m_events.at(lane.events.front())));
}

bool EventQueue::isOld(const QueuedEvent &event) const
{
    return m_clock.wall() - event.created >= m_settings.giveUp;
}

const QueuedEvent *EventQueue::next()
{
    const SteadyTime now = m_clock.now();
    if (m_off || m_settings.url.empty() || now < m_pausedUntil)
        return nullptr;
    const size_t most = m_failures >= failuresUntilDown ? 1 : parallel;
    while (m_flights.size() < most && !m_ready.empty() && m_ready.begin()->first <= now) {
        const uint64_t sequence = m_ready.begin()->second;
        const QueuedEvent &event = m_events.at(sequence);
        if (isOld(event)) {
            leave(sequence, End::GivenUp);
            continue;
        }
        m_ready.erase(m_ready.begin());
        m_lanes.at(event.socket).underWay = true;
        m_flights.emplace(sequence, Flight{m_round, m_endpoint});
        return &event;
    }
    return nullptr;
}

void EventQueue::answered(uint64_t sequence, const AttemptOutcome &outcome)
{
    const auto found = m_flights.find(sequence);
    if (found == m_flights.end())
        return; // dropped meanwhile
    const Flight flight = found->second;
    m_flights.erase(found);
    if (outcome.accepted()) {
        leave(sequence, End::Accepted);
        if (flight.endpoint != m_endpoint)
            return;
        if (m_failures >= failuresUntilDown) {
            m_pausedUntil = {};
            release();
        }
        m_failures = 0;
    } else if (outcome.gone() && flight.endpoint == m_endpoint) {
        m_off = true;
        dropAll();
    } else {
        failed(sequence, outcome, flight);
    }
}

void EventQueue::failed(uint64_t sequence, const AttemptOutcome &outcome, const Flight &flight)
{
    const std::chrono::milliseconds asked =
        std::clamp<std::chrono::milliseconds>(outcome.retryAfter.value_or(std::chrono::seconds(0)),
                                              std::chrono::milliseconds(0), RetrySchedule::longest);
    if (flight.endpoint == m_endpoint)
        blame(flight, asked);
    const QueuedEvent &event = m_events.at(sequence);
    if (isOld(event)) {
        leave(sequence, End::GivenUp);
        return;
    }
    Lane &lane = m_lanes.at(event.socket);
    lane.underWay = false;
    ++lane.attempts;
    const RetrySchedule schedule(m_settings.pause);
    lane.due = m_clock.now() + std::max(schedule.pause(lane.attempts, m_random()), asked);
    m_ready.emplace(lane.due, sequence);
}

/// The endpoint failed; `asked` is what it says in Retry-After.
void EventQueue::blame(const Flight &flight, std::chrono::milliseconds asked)
{
    const SteadyTime now = m_clock.now();
    m_pausedUntil = std::max(m_pausedUntil, now + asked);
    if (flight.round != m_round)
        return;
    ++m_round;
    ++m_failures;
    if (m_failures < failuresUntilDown)
        return;
    const auto pause = RetrySchedule(m_settings.pause).pause(m_failures - failuresUntilDown + 1, m_random());
    m_pausedUntil = std::max(m_pausedUntil, now + std::min(pause, longestProbePause));
}

/// What waits for another attempt need not wait any longer.
void EventQueue::release()
{
    const SteadyTime now = m_clock.now();
    std::set<std::pair<SteadyTime, uint64_t>> ready;
    for (const auto &[due, sequence] : m_ready) {
        Lane &lane = m_lanes.at(m_events.at(sequence).socket);
        if (lane.attempts > 0)
            lane.due = std::min(due, now);
        ready.emplace(lane.due, sequence);
    }
    m_ready = std::move(ready);
}

void EventQueue::dropAll()
{
    for (const auto &[sequence, event] : m_events)
        m_ended.push_back({sequence, End::Dropped});
    m_events.clear();
    m_bytes = 0;
    m_lanes.clear();
    m_ready.clear();
    m_flights.clear();
    m_held.clear();
}

std::optional<SteadyTime> EventQueue::due() const
{
    const size_t most = m_failures >= failuresUntilDown ? 1 : parallel;
    if (m_off || m_settings.url.empty() || m_ready.empty() || m_flights.size() >= most)
        return std::nullopt;
    return std::max(m_ready.begin()->first, m_pausedUntil);
}

} // namespace mws
