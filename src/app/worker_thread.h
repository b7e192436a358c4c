#pragma once

#include "api/api_services.h"
#include "app/gateway_control.h"
#include "app/service_settings.h"
#include "app/service_status.h"
#include "hub/worker.h"
#include "identity/enginio_identity_checker.h"
#include "identity/identity_by_mode.h"
#include "identity/jwt_identity_checker.h"

#include <QThread>
#include <atomic>
#include <chrono>
#include <functional>

namespace mws {

class Api;
class EnginioClient;
struct Node;

/// What the worker threads are made with.
struct WorkerSetup
{
    GatewayPublisher &publisher;
    Mailbox &mainMailbox;
    ReservationTable &reservations;
    IdempotencyTable &idempotency;
    EnginioClient &enginio;
    JwtKeyLoader &jwtKeys;
    const Clock &clock;
    WorkerSettings settings;
    ServiceStatus &status;
    Node &node;
    bool servesMetrics; ///< else they have a port of their own
    bool directLane;
};

/// The thread of one worker: its event loop, its sockets and its REST routes.
class WorkerThread final : public QThread
{
    Q_OBJECT
public:
    WorkerThread(Worker &worker, int listeningFd, const WorkerSetup &setup);
    ~WorkerThread() override;

    Worker &worker() { return m_worker; }
    /// In force from the next connection and request on. Thread: its own, while it runs.
    void configure(const WorkerSettings &settings);
    /// How far a drain has come.
    enum class DrainState {
        Busy,  ///< or not begun
        Quiet, ///< no socket is open, nothing is under way
        Gone,  ///< no connection is left
    };
    /// Begins to drain; see Worker::drain(). Thread: any.
    void drain(std::chrono::milliseconds spread);
    /// Then ends what is Quiet. Thread: any.
    void endConnections();
    DrainState drainState() const { return m_drainState.load(); }
    /// Waits until the thread has ended; call quit() before.
    void join();

protected:
    void run() override;

private:
    void watchDrain();

    Worker &m_worker;
    const int m_listeningFd;
    const WorkerSetup m_setup;
    std::atomic<DrainState> m_drainState{DrainState::Busy};
    Api *m_api = nullptr; ///< its own thread's, while it runs
    std::atomic<bool> m_ended{false};
};

} // namespace mws
