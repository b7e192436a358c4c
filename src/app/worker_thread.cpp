#include "app/worker_thread.h"

#include "api/http_routes.h"
#include "api/message_lane.h"
#include "net/epoll_dispatcher.h"

#include <QTimer>

namespace mws {

namespace {

constexpr int drainCheckMs = 20;

} // namespace

WorkerThread::WorkerThread(Worker &worker, int listeningFd, const WorkerSetup &setup)
    : m_worker(worker), m_listeningFd(listeningFd), m_setup(setup)
{
    setEventDispatcher(new EpollDispatcher); // the thread takes it over
}

WorkerThread::~WorkerThread() = default;

void WorkerThread::run()
{
    auto &dispatcher = *static_cast<EpollDispatcher *>(eventDispatcher());
    m_worker.start(m_listeningFd, dispatcher);
    {
        EnginioIdentityChecker enginio(m_setup.enginio, m_worker.mailbox(), m_setup.mainMailbox);
        JwtIdentityChecker jwt(m_setup.jwtKeys, m_setup.clock, m_worker.mailbox(), m_setup.mainMailbox);
        IdentityByMode identity(enginio, jwt);
        GatewayControl control(m_worker, m_setup.publisher, m_setup.mainMailbox);
        Node &node = m_setup.node;
        ServiceStatus &status = m_setup.status;
        HttpApi api(m_worker.listener(),
                    ApiServices{m_worker, control, m_setup.reservations, m_setup.idempotency, identity,
                                m_setup.clock, node.addresses, node.rates, *node.metrics[m_worker.index()],
                                m_setup.settings.api, [&status] { return status.notReady(); },
                                m_setup.servesMetrics ? [&status] { return status.metrics(); }
                                                      : std::function<std::string()>()});
        MessageLane lane(api.api());
        m_worker.setDirectLane(m_setup.directLane ? &lane : nullptr);
        m_worker.setClientPublisher(&api.api().clientPublisher());
        m_api = &api.api();
        m_worker.accept();
        exec();
        m_api = nullptr;
        m_worker.setDirectLane(nullptr);
        m_worker.setClientPublisher(nullptr);
    }
    m_worker.stop(); // the listener outlives what was bound to it
    m_ended.store(true, std::memory_order_release);
}

void WorkerThread::configure(const WorkerSettings &settings)
{
    m_worker.configure(settings.net, settings.sockets);
    if (m_api)
        m_api->setConfig(settings.api);
}

void WorkerThread::join()
{
    wait();
    // wait() orders what the thread did before what follows; ThreadSanitizer sees it only here, as Qt is not
    // instrumented.
    [[maybe_unused]] const bool ended = m_ended.load(std::memory_order_acquire);
}

void WorkerThread::drain(std::chrono::milliseconds spread)
{
    m_worker.mailbox().post([this, spread] {
        m_worker.drain(spread);
        watchDrain();
    });
}

void WorkerThread::endConnections()
{
    m_worker.mailbox().post([this] { m_worker.endConnections(); });
}

void WorkerThread::watchDrain()
{
    m_drainState.store(m_worker.drained() ? DrainState::Gone
                       : m_worker.quiet() ? DrainState::Quiet
                                          : DrainState::Busy);
    m_worker.after(std::chrono::milliseconds(drainCheckMs), [this] { watchDrain(); });
}

} // namespace mws
