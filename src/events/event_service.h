#pragma once

#include "events/event_database.h"
#include "events/http_sender.h"
#include "mws/base/clock.h"
#include "mws/base/metrics.h"
#include "mws/domain/socket_event.h"

#include <chrono>
#include <memory>

namespace mws {

/// Tells backends what happens to sockets: takes events from all threads and sends them from a thread of its
/// own, which also writes what waits into the state folder. How they are sent: EventQueue.
/// Thread: take(), ask() and setTable() from any; all else from the one that made it.
class EventService final : public EventSink
{
public:
    /// What may wait between a worker and this thread; more is dropped, counted and logged.
    static constexpr size_t inboxEvents = 200000;
    static constexpr size_t inboxBytes = 128 << 20;
    /// Questions under way; more are answered Unavailable.
    static constexpr size_t questions = 10000;

    /// Who sends to public addresses only, and who to any.
    struct Senders
    {
        std::unique_ptr<HttpSender> toPublic;
        std::unique_ptr<HttpSender> toAny;
    };
    /// `database` null: what waits is lost with the process. `metrics` are this thread's own.
    EventService(const Clock &clock, std::unique_ptr<EventDatabase> database, WorkerMetrics &metrics,
                 Senders senders);
    ~EventService() override; ///< stop() without grace

    /// Takes up what is stored and begins. Errors: Unavailable.
    Result<void> start(std::shared_ptr<const GatewayTable> table);
    void setTable(std::shared_ptr<const GatewayTable> table);
    void take(SocketEvent &&event) override;
    void ask(SocketEvent &&event, Decide decide) override;
    /// Sends on what can be sent at once, for no longer than `grace`; stores the rest and ends.
    void stop(std::chrono::milliseconds grace);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace mws
