#include "events/event_service.h"

#include "base/log_allowance.h"
#include "events/connect_answer.h"
#include "events/event_endpoints.h"
#include "events/event_json.h"
#include "mws/base/log.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

namespace mws {

namespace {

struct Reply
{
    GatewayId gateway;
    uint64_t sequence;
    HttpReply reply;
};
using Letter = std::variant<SocketEvent, std::shared_ptr<const GatewayTable>, Reply>;

/// What an event costs beside its payload, about.
constexpr size_t eventOverhead = 512;

size_t sizeOf(const SocketEvent &event)
{
    return event.payload.size() + eventOverhead;
}

} // namespace

struct EventService::Impl
{
    Impl(const Clock &clockSource, std::unique_ptr<EventDatabase> database, WorkerMetrics &metrics,
         Senders itsSenders)
        : clock(clockSource),
          endpoints(clock, std::move(database), metrics,
                    [this](const EventSettings &settings, HttpPost post, const GatewayId &gateway,
                           uint64_t sequence) { send(settings, std::move(post), gateway, sequence); }),
          senders(std::move(itsSenders))
    {}

    const Clock &clock;
    EventEndpoints endpoints; ///< the thread's own, from start() on

    std::mutex mutex;
    std::condition_variable wake;
    std::vector<Letter> inbox; ///< this and the rest: under mutex
    size_t inboxEventCount = 0;
    size_t inboxByteCount = 0;
    std::map<GatewayId, uint64_t> lost;
    bool stopping = false;
    SteadyTime stopBy{};

    std::atomic<size_t> asked{0};
    std::mutex askMutex; ///< guards askLines; both senders' threads answer questions
    LogAllowance askLines;

    std::thread thread;
    Senders senders; ///< last, so that their threads end before what they answer to goes

    void put(Letter letter);
    void send(const EventSettings &settings, HttpPost post, const GatewayId &gateway, uint64_t sequence);
    void run();
    void handle(Letter &letter);
    void complain(const Gateway &gateway, const Error &error);
};

void EventService::Impl::put(Letter letter)
{
    const std::lock_guard lock(mutex);
    inbox.push_back(std::move(letter));
    if (inbox.size() == 1)
        wake.notify_one();
}

void EventService::Impl::send(const EventSettings &settings, HttpPost post, const GatewayId &gateway,
                              uint64_t sequence)
{
    HttpSender &sender = settings.allowPrivate ? *senders.toAny : *senders.toPublic;
    sender.post(std::move(post), [this, gateway, sequence](HttpReply reply) {
        put(Reply{gateway, sequence, std::move(reply)});
    });
}

/// Says why a backend was of no help with a question.
void EventService::Impl::complain(const Gateway &gateway, const Error &error)
{
    std::optional<uint64_t> suppressed;
    {
        const std::lock_guard lock(askMutex);
        suppressed = askLines.take(clock.now());
    }
    if (suppressed)
        log(LogLevel::Warning, "the backend did not say whether a socket may open",
            {{"gateway", gateway.id},
             {"url", shownUrl(gateway.settings.events.url)},
             {"reason", error.message()},
             {"suppressed", *suppressed}});
}

void EventService::Impl::handle(Letter &letter)
{
    if (auto *event = std::get_if<SocketEvent>(&letter))
        endpoints.take(std::move(*event));
    else if (auto *table = std::get_if<std::shared_ptr<const GatewayTable>>(&letter))
        endpoints.setTable(std::move(*table));
    else if (auto *reply = std::get_if<Reply>(&letter))
        endpoints.answered(reply->gateway, reply->sequence, reply->reply);
}

void EventService::Impl::run()
{
    std::vector<Letter> taken;
    std::unique_lock lock(mutex);
    for (;;) {
        const bool ending = stopping;
        taken.swap(inbox);
        inboxEventCount = inboxByteCount = 0;
        const std::map<GatewayId, uint64_t> missing = std::exchange(lost, {});
        lock.unlock();
        for (Letter &letter : taken)
            handle(letter);
        taken.clear();
        for (const auto &[gateway, count] : missing)
            endpoints.lost(gateway, count);
        endpoints.work();
        const std::optional<SteadyTime> due = endpoints.due();
        const bool done = ending && (!endpoints.isBusy() || clock.now() >= stopBy);
        lock.lock();
        if (done)
            break;
        const auto called = [&] { return !inbox.empty() || !lost.empty() || stopping != ending; };
        if (due || ending)
            wake.wait_until(
                lock, std::min(due.value_or(SteadyTime::max()), ending ? stopBy : SteadyTime::max()), called);
        else
            wake.wait(lock, called);
    }
    lock.unlock();
    endpoints.write();
}

EventService::EventService(const Clock &clock, std::unique_ptr<EventDatabase> database,
                           WorkerMetrics &metrics, Senders senders)
    : m_impl(std::make_unique<Impl>(clock, std::move(database), metrics, std::move(senders)))
{}

EventService::~EventService()
{
    stop(std::chrono::milliseconds(0));
}

Result<void> EventService::start(std::shared_ptr<const GatewayTable> table)
{
    m_impl->endpoints.setTable(std::move(table));
    if (Result<void> loaded = m_impl->endpoints.load(); !loaded)
        return loaded;
    m_impl->thread = std::thread([impl = m_impl.get()] { impl->run(); });
    return {};
}

void EventService::setTable(std::shared_ptr<const GatewayTable> table)
{
    m_impl->put(std::move(table));
}

void EventService::take(SocketEvent &&event)
{
    const size_t size = sizeOf(event);
    const std::lock_guard lock(m_impl->mutex);
    if (m_impl->inboxEventCount >= inboxEvents || m_impl->inboxByteCount + size > inboxBytes) {
        ++m_impl->lost[event.gateway->id];
        return;
    }
    ++m_impl->inboxEventCount;
    m_impl->inboxByteCount += size;
    m_impl->inbox.emplace_back(std::move(event));
    if (m_impl->inbox.size() == 1)
        m_impl->wake.notify_one();
}

void EventService::ask(SocketEvent &&event, Decide decide)
{
    const std::shared_ptr<const Gateway> gateway = event.gateway;
    const EventSettings &settings = gateway->settings.events;
    if (m_impl->asked.fetch_add(1) >= questions) {
        m_impl->asked.fetch_sub(1);
        decide(Unexpected(ErrorCode::Unavailable, "The backend is asked too many questions"));
        return;
    }
    HttpPost post = eventPost(settings, newEventId(), eventJson(event), m_impl->clock.wall());
    post.timeout = settings.connectTimeout;
    HttpSender &sender = settings.allowPrivate ? *m_impl->senders.toAny : *m_impl->senders.toPublic;
    sender.post(std::move(post),
                [impl = m_impl.get(), gateway, decide = std::move(decide)](const HttpReply &reply) {
                    impl->asked.fetch_sub(1);
                    Result<ConnectAnswer> answer = readConnectAnswer(reply, gateway->settings.limits);
                    if (!answer && answer.error().code == ErrorCode::Unavailable) {
                        impl->complain(*gateway, answer.error());
                        answer = Unexpected(ErrorCode::Unavailable,
                                            "The backend does not say whether this socket may open");
                    }
                    decide(std::move(answer));
                });
}

void EventService::stop(std::chrono::milliseconds grace)
{
    if (!m_impl->thread.joinable())
        return;
    {
        const std::lock_guard lock(m_impl->mutex);
        m_impl->stopping = true;
        m_impl->stopBy = m_impl->clock.now() + grace;
    }
    m_impl->wake.notify_one();
    m_impl->thread.join();
}

} // namespace mws
