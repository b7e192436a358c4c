#pragma once

#include "app/config_reloader.h"
#include "app/gateway_control.h"
#include "app/ops_thread.h"
#include "app/service_status.h"
#include "app/worker_thread.h"
#include "config/service_config.h"
#include "config/token_expiry.h"
#include "events/event_service.h"
#include "hub/mailbox.h"
#include "hub/node.h"
#include "identity/enginio_client.h"
#include "identity/jwt_key_loader.h"
#include "mws/base/clock.h"
#include "mws/base/result.h"
#include "net/epoll_dispatcher.h"
#include "state/state_lock.h"
#include "token/idempotency_table.h"
#include "token/reservation_table.h"
#include "token/token_journal.h"

#include <QObject>
#include <QTimer>
#include <memory>
#include <optional>
#include <vector>

namespace mws {

class ClusterThread;
class ConsoleFeed;
class GatewaySharing;

/// The running service: the only place that names concrete classes and says who is made with whom.
/// Thread: the main thread, which runs an EpollDispatcher.
class Application final : public QObject
{
    Q_OBJECT
public:
    /// `source`: where `config` was read from.
    Application(const ServiceConfig &config, ConfigSource source, EpollDispatcher &dispatcher);
    ~Application() override;

    /// Opens state and port, starts the workers, and says where it listens. Errors: a text for the operator.
    Result<void> start();
    /// Says at once that it is not ready; ServerConfig::drainDelay later stops accepting, says 1001 to all
    /// sockets, some at a time, and ends the event loop when they have gone. Ends the program when
    /// ServerConfig::drain is over.
    void drain();
    /// SIGHUP; see ConfigReloader.
    void reload();
    /// Longest time from drain() to the end, as configured now.
    std::chrono::milliseconds drainTime() const { return m_config.server.drainDelay + m_config.server.drain; }

private:
    Result<void> openOps();
    Result<void> openTls();
    Result<void> prepareStateFolder();
    Result<void> openState();
    Result<void> openCluster();
    Result<void> openWorkers();
    Result<void> openEvents();
    void openReloader();
    void announce(uint16_t port);
    void beginDrain();
    void drainWorkers();
    void checkDrained();
    bool allWorkersAre(WorkerThread::DrainState state) const;
    void stopWorkers();

    ServiceConfig m_config; ///< in force
    ConfigSource m_source;  ///< until m_reloader has it
    EpollDispatcher &m_dispatcher;
    SystemClock m_clock;
    Mailbox m_mailbox;
    ServiceStatus m_status;
    std::shared_ptr<const TlsContext> m_tls; ///< of new connections; null: plain
    std::optional<StateLock> m_stateLock;    ///< none where the state folder cannot be written
    std::unique_ptr<GatewayStore> m_store;
    std::unique_ptr<TokenJournal> m_journal; ///< none where the state folder cannot be written
    std::unique_ptr<ReservationTable> m_reservations;
    std::unique_ptr<IdempotencyTable> m_idempotency;
    std::unique_ptr<EnginioClient> m_enginio;
    std::unique_ptr<JwtKeyLoader> m_jwtKeys;
    std::unique_ptr<ClusterThread> m_cluster; ///< null: this node works alone
    std::unique_ptr<Node> m_node;
    std::unique_ptr<EventService> m_events; ///< ends after the workers, who tell it, and before m_node
    std::unique_ptr<GatewayPublisher> m_publisher;
    std::unique_ptr<GatewaySharing> m_sharing; ///< null: this node works alone
    std::vector<std::unique_ptr<Worker>> m_workers;
    std::vector<std::unique_ptr<WorkerThread>> m_threads;
    std::unique_ptr<ConfigReloader> m_reloader;
    std::unique_ptr<OpsThread> m_ops; ///< null: metrics and health have no port of their own
    std::unique_ptr<ConsoleFeed> m_consoleFeed;
    TokenExpiryWatch m_tokenExpiry;
    QTimer m_housekeeping;
    QTimer m_drainCheck;
    SteadyTime m_drainEnd{};
    bool m_endingConnections = false;
};

} // namespace mws
