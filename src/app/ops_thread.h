#pragma once

#include "api/ops_lane.h"
#include "app/service_status.h"
#include "limit/address_table.h"
#include "mws/base/clock.h"
#include "mws/base/metrics.h"
#include "mws/base/result.h"

#include <QThread>
#include <atomic>
#include <memory>
#include <string>

namespace mws {

/// The port of its own for metrics and health, on a thread of its own: it answers while the workers have more
/// than they can do, while the main thread writes to a slow disk, and until the program ends. Requests are
/// vetted as all others. Thread: the main thread's.
class OpsThread final : public QThread
{
    Q_OBJECT
public:
    /// Listens and serves. `status` and `clock` outlive it. Errors: a text for the operator that names the
    /// address.
    static Result<std::unique_ptr<OpsThread>> start(const std::string &address, uint16_t port,
                                                    ServiceStatus &status, const Clock &clock);
    ~OpsThread() override;

protected:
    void run() override;

private:
    OpsThread(int listeningFd, ServiceStatus &status, const Clock &clock);
    void serve();

    const int m_listeningFd;
    const Clock &m_clock;
    OpsLane m_lane;
    NoSessions m_sessions;
    AddressTable m_addresses;
    WorkerMetrics m_metrics; ///< shown nowhere
    std::atomic<bool> m_ended{false};
};

} // namespace mws
