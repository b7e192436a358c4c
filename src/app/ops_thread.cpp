#include "app/ops_thread.h"

#include "mws/base/log.h"
#include "net/connection_server.h"
#include "net/epoll_dispatcher.h"
#include "net/listener.h"

#include <chrono>

namespace mws {

namespace {

/// For scrapers and health checks, which ask little.
constexpr size_t longestBody = 4096;
constexpr uint64_t connectionsPerAddress = 64;

NetConfig opsConfig()
{
    NetConfig config;
    config.request.bodyBytes = longestBody;
    config.heldBytes = size_t(1) << 20;
    return config;
}

AddressLimits opsLimits()
{
    AddressLimits limits;
    limits.connections = connectionsPerAddress;
    return limits;
}

} // namespace

Result<std::unique_ptr<OpsThread>> OpsThread::start(const std::string &address, uint16_t port,
                                                    ServiceStatus &status, const Clock &clock)
{
    const Result<std::vector<int>> listeners = openListeners(address, port, 1);
    if (!listeners)
        return Unexpected(listeners.error().code,
                          std::string(listeners.error().message()) + " (server.ops_port)");
    std::unique_ptr<OpsThread> thread(new OpsThread(listeners->front(), status, clock));
    log(LogLevel::Info, "metrics and health are served", {{"ops_address", address}, {"ops_port", port}});
    static_cast<QThread &>(*thread).start();
    return thread;
}

OpsThread::OpsThread(int listeningFd, ServiceStatus &status, const Clock &clock)
    : m_listeningFd(listeningFd),
      m_clock(clock),
      m_lane([&status] { return status.notReady(); }, [&status] { return status.metrics(); }),
      m_addresses(opsLimits(), clock)
{
    setEventDispatcher(new EpollDispatcher); // the thread takes it over
}

OpsThread::~OpsThread()
{
    quit();
    wait();
    [[maybe_unused]] const bool ended = m_ended.load(std::memory_order_acquire); // as WorkerThread::join()
}

void OpsThread::run()
{
    serve();
    m_ended.store(true, std::memory_order_release);
}

void OpsThread::serve()
{
    auto &dispatcher = *static_cast<EpollDispatcher *>(eventDispatcher());
    ConnectionServer server(opsConfig(), m_listeningFd, m_sessions,
                            NetShared{m_clock, m_addresses, m_metrics}, dispatcher);
    server.setDirectLane(&m_lane);
    dispatcher.setTurnEnd([&server] {
        server.endTurn();
        server.beginTurn();
    });
    server.start();
    exec();
    dispatcher.setTurnEnd({});
}

} // namespace mws
