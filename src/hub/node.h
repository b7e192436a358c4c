#pragma once

#include "cluster/broker_port.h"
#include "hub/mailbox.h"
#include "hub/socket_directory.h"
#include "limit/address_table.h"
#include "limit/gateway_rates.h"
#include "mws/base/clock.h"
#include "mws/base/metrics.h"
#include "mws/domain/socket_event.h"
#include "net/net_config.h"
#include "token/reservation_table.h"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace mws {

/// [websocket], and what the queues may hold.
struct SocketConfig
{
    std::chrono::milliseconds pingInterval{45000};
    std::chrono::milliseconds pongTimeout{25000};
    std::chrono::milliseconds slowReaderTimeout{30000}; ///< for one that takes nothing of what waits
    size_t workerQueueBytes = 256 << 20;                ///< of all sockets of a worker; see QueueMemory
};

/// What all workers of this process share. Each member says for itself how threads may use it.
struct Node
{
    /// `brokerPort`: of a cluster's node; null: it works alone.
    Node(const Clock &clockSource, ReservationTable &reservationTable, size_t workers,
         const NetConfig &netConfig, const SocketConfig &socketConfig, AddressLimits addressLimits,
         BrokerPort *brokerPort = nullptr)
        : clock(clockSource),
          reservations(reservationTable),
          broker(brokerPort),
          directory(workers,
                    brokerPort ? SocketDirectory::Readers::BrokerToo : SocketDirectory::Readers::Workers),
          addresses(std::move(addressLimits), clockSource),
          rates(clockSource),
          net(netConfig),
          sockets(socketConfig)
    {
        for (size_t i = 0; i < workers; ++i) {
            mailboxes.push_back(std::make_unique<Mailbox>());
            metrics.push_back(std::make_unique<WorkerMetrics>());
        }
    }

    /// A letter that nobody reads any more may hold a receipt, whose end posts a letter to another mailbox.
    ~Node()
    {
        for (bool any = true; any;) {
            any = false;
            for (const auto &mailbox : mailboxes)
                any |= mailbox->discard();
        }
    }
    Node(const Node &) = delete;
    Node &operator=(const Node &) = delete;

    const Clock &clock;
    ReservationTable &reservations;
    BrokerPort *const broker; ///< to the other nodes; null: there are none
    SocketDirectory directory;
    AddressTable addresses;
    GatewayRates rates;
    std::vector<std::unique_ptr<Mailbox>> mailboxes;     ///< by worker; the list itself never changes
    std::vector<std::unique_ptr<WorkerMetrics>> metrics; ///< by worker; the list itself never changes
    const NetConfig net;                                 ///< of the start; see Worker::configure()
    const SocketConfig sockets;                          ///< likewise
    WorkerMetrics eventMetrics;                          ///< of the thread that sends events
    BrokerMetrics brokerMetrics;                         ///< of the broker's thread, where there is one
    ConfigMetrics configMetrics;
    EventSink *events = nullptr; ///< set before the workers start; null: backends are told nothing
};

} // namespace mws
