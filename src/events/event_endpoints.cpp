#include "events/event_endpoints.h"

#include "events/event_json.h"
#include "mws/base/log.h"
#include "mws/base/random.h"
#include "token/webhook_signature.h"

#include <algorithm>

namespace mws {

namespace {

constexpr std::chrono::milliseconds writeDelay{200};
constexpr std::chrono::milliseconds complaintInterval{60000};
constexpr size_t idCharacters = 27;

double randomFraction()
{
    constexpr uint64_t steps = 1 << 20;
    return double(randomBelow(steps)) / double(steps);
}

} // namespace

HttpPost eventPost(const EventSettings &settings, const std::string &id, std::string body, WallTime now)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
    const std::string timestamp = std::to_string(seconds.count());
    HttpPost post;
    post.url = settings.url;
    post.fields = {"Content-Type: application/json", "User-Agent: mws-gateway", "webhook-id: " + id,
                   "webhook-timestamp: " + timestamp,
                   "webhook-signature: " + webhookSignature(settings.secrets, id, timestamp, body)};
    post.body = std::move(body);
    post.timeout = settings.timeout;
    return post;
}

std::string newEventId()
{
    return "msg_" + randomAlphanumeric(idCharacters);
}

std::string shownUrl(std::string_view url)
{
    const size_t authority = url.find("://");
    const size_t begin = authority == url.npos ? 0 : authority + 3;
    const size_t end = std::min(url.find_first_of("?#", begin), url.size());
    const size_t path = std::min(url.find('/', begin), end);
    const size_t user = url.substr(begin, path - begin).rfind('@');
    const size_t host = user == url.npos ? begin : begin + user + 1;
    return std::string(url.substr(0, begin)) + std::string(url.substr(host, end - host));
}

EventEndpoints::Endpoint::Endpoint(const Gateway &gateway, const Clock &clock,
                                   std::shared_ptr<GatewayCounters> itsCounters)
    : queue(gateway.settings.events, clock, &randomFraction), counters(std::move(itsCounters))
{}

EventEndpoints::EventEndpoints(const Clock &clock, std::unique_ptr<EventDatabase> database,
                               WorkerMetrics &metrics, Send send)
    : m_clock(clock), m_database(std::move(database)), m_metrics(metrics), m_send(std::move(send))
{}

Result<void> EventEndpoints::load()
{
    if (!m_database)
        return {};
    uint64_t orphans = 0;
    const Result<void> loaded = m_database->load([&](const GatewayId &gateway, QueuedEvent event) {
        m_sequence = std::max(m_sequence, event.sequence);
        if (Endpoint *endpoint = endpointOf(gateway)) {
            endpoint->queue.add(std::move(event));
            settle(gateway, *endpoint);
        } else {
            m_database->remove(event.sequence);
            ++orphans;
        }
    });
    if (orphans > 0)
        log(LogLevel::Warning, "stored events were dropped: their gateway has no event URL any more",
            {{"count", orphans}});
    return loaded;
}

/// Null if the gateway tells nobody.
EventEndpoints::Endpoint *EventEndpoints::endpointOf(const GatewayId &gateway)
{
    const auto found = m_endpoints.find(gateway);
    if (found != m_endpoints.end())
        return &found->second;
    const std::shared_ptr<const Gateway> current = m_table ? m_table->find(gateway) : nullptr;
    if (!current || current->settings.events.url.empty())
        return nullptr;
    return &m_endpoints.try_emplace(gateway, *current, m_clock, m_metrics.gateway(gateway)).first->second;
}

void EventEndpoints::setTable(std::shared_ptr<const GatewayTable> table)
{
    m_table = std::move(table);
    for (auto it = m_endpoints.begin(); it != m_endpoints.end();) {
        auto &[id, endpoint] = *it;
        const std::shared_ptr<const Gateway> current = m_table->find(id);
        const bool tells = current && !current->settings.events.url.empty();
        if (tells)
            endpoint.queue.configure(current->settings.events);
        else
            endpoint.queue.dropAll();
        settle(id, endpoint);
        if (!current)
            m_metrics.forgetGateway(id);
        it = tells ? std::next(it) : m_endpoints.erase(it);
    }
}

void EventEndpoints::take(SocketEvent &&event)
{
    const GatewayId &gateway = event.gateway->id;
    Endpoint *endpoint = endpointOf(gateway);
    if (!endpoint)
        return; // it is not to be told any more
    QueuedEvent queued;
    queued.sequence = ++m_sequence;
    queued.id = newEventId();
    queued.socket = event.socket;
    queued.type = event.type;
    queued.user = event.user;
    queued.created = event.time;
    const std::chrono::seconds fold = endpoint->queue.settings().fold;
    if (event.type == EventType::Disconnected && fold.count() > 0)
        queued.heldUntil = event.time + fold;
    queued.body = eventJson(event);
    if (m_database)
        m_database->add(gateway, queued);
    endpoint->queue.add(std::move(queued));
    settle(gateway, *endpoint);
}

void EventEndpoints::lost(const GatewayId &gateway, uint64_t count)
{
    if (Endpoint *endpoint = endpointOf(gateway)) {
        endpoint->counters->eventsDropped.add(count);
        logLoss(gateway, *endpoint, "events dropped: they come faster than they can be taken up", count);
    }
}

void EventEndpoints::answered(const GatewayId &gateway, uint64_t sequence, const HttpReply &reply)
{
    const auto found = m_endpoints.find(gateway);
    if (found == m_endpoints.end())
        return;
    Endpoint &endpoint = found->second;
    const uint32_t before = endpoint.queue.failures();
    const bool wasOff = endpoint.queue.isOff();
    const AttemptOutcome outcome{reply.status, reply.retryAfter};
    endpoint.queue.answered(sequence, outcome);
    if (!outcome.accepted())
        endpoint.counters->eventAttemptsFailed.add();
    if (!wasOff && endpoint.queue.isOff())
        log(LogLevel::Error,
            "event URL answered 410 Gone and is turned off until it is changed or we restart",
            {{"gateway", gateway}, {"url", shownUrl(endpoint.queue.settings().url)}});
    else
        logState(gateway, endpoint, before, reply);
    settle(gateway, endpoint);
}

void EventEndpoints::logState(const GatewayId &gateway, Endpoint &endpoint, uint32_t before,
                              const HttpReply &reply)
{
    const uint32_t after = endpoint.queue.failures();
    if ((before == 0) == (after == 0))
        return;
    const std::optional<uint64_t> suppressed = endpoint.stateLines.take(m_clock.now());
    if (!suppressed)
        return;
    const std::string url = shownUrl(endpoint.queue.settings().url);
    if (after == 0)
        log(LogLevel::Info, "events are taken again",
            {{"gateway", gateway},
             {"url", url},
             {"waiting", endpoint.queue.size()},
             {"suppressed", *suppressed}});
    else
        log(LogLevel::Warning, "an event was not taken, it will be tried again",
            {{"gateway", gateway},
             {"url", url},
             {"status", reply.status},
             {"reason", reply.failure},
             {"suppressed", *suppressed}});
}

void EventEndpoints::logLoss(const GatewayId &gateway, Endpoint &endpoint, std::string_view what,
                             uint64_t count)
{
    endpoint.unloggedLoss += count;
    if (endpoint.lossLines.take(m_clock.now()))
        log(LogLevel::Warning, what,
            {{"gateway", gateway}, {"count", std::exchange(endpoint.unloggedLoss, 0)}});
}

/// Counts, logs and forgets what has left.
void EventEndpoints::settle(const GatewayId &gateway, Endpoint &endpoint)
{
    uint64_t dropped = 0;
    uint64_t givenUp = 0;
    for (const auto &[sequence, end] : endpoint.queue.takeEnded()) {
        if (m_database)
            m_database->remove(sequence);
        endpoint.counters->eventsSent.add(end == EventQueue::End::Accepted);
        endpoint.counters->eventsFolded.add(end == EventQueue::End::Folded);
        dropped += end == EventQueue::End::Dropped;
        givenUp += end == EventQueue::End::GivenUp;
    }
    endpoint.counters->eventsDropped.add(dropped);
    endpoint.counters->eventsGivenUp.add(givenUp);
    endpoint.counters->eventsQueued.set(endpoint.queue.size());
    endpoint.counters->eventsOff.set(endpoint.queue.isOff());
    if (dropped > 0)
        logLoss(gateway, endpoint, "events dropped: their queue is full, or nobody takes them", dropped);
    if (givenUp > 0)
        logLoss(gateway, endpoint, "events given up: nobody took them in time", givenUp);
}

void EventEndpoints::send(const GatewayId &gateway, Endpoint &endpoint, const QueuedEvent &event)
{
    const EventSettings &settings = endpoint.queue.settings();
    m_send(settings, eventPost(settings, event.id, event.body, m_clock.wall()), gateway, event.sequence);
}

void EventEndpoints::work()
{
    for (auto &[gateway, endpoint] : m_endpoints) {
        while (const QueuedEvent *event = endpoint.queue.next())
            send(gateway, endpoint, *event);
        settle(gateway, endpoint); // what was too old
    }
    const SteadyTime now = m_clock.now();
    if (!m_database || !m_database->hasPending())
        m_writeDue.reset();
    else if (!m_writeDue)
        m_writeDue = now + writeDelay;
    else if (*m_writeDue <= now) {
        write();
        m_writeDue.reset();
        if (m_database->hasPending())
            m_writeDue = now + writeDelay;
    }
}

bool EventEndpoints::write()
{
    const Result<void> written = m_database ? m_database->write() : Result<void>();
    if (written)
        return true;
    const SteadyTime now = m_clock.now();
    if (!m_complained || now - *m_complained >= complaintInterval) {
        m_complained = now;
        log(LogLevel::Error, "waiting events were not stored, it will be tried again",
            {{"reason", written.error().message()}});
    }
    return false;
}

std::optional<SteadyTime> EventEndpoints::due() const
{
    std::optional<SteadyTime> earliest = m_writeDue;
    for (const auto &[gateway, endpoint] : m_endpoints)
        if (const auto due = endpoint.queue.due(); due && (!earliest || *due < *earliest))
            earliest = due;
    return earliest;
}

bool EventEndpoints::isBusy() const
{
    const SteadyTime now = m_clock.now();
    return std::any_of(m_endpoints.begin(), m_endpoints.end(), [now](const auto &entry) {
        const auto due = entry.second.queue.due();
        return entry.second.queue.underWay() > 0 || (due && *due <= now);
    });
}

} // namespace mws
