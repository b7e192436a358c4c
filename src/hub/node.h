#pragma once

#include "hub/mailbox.h"
#include "hub/socket_directory.h"
#include "mws/base/clock.h"
#include "net/net_config.h"
#include "token/reservation_table.h"

#include <chrono>
#include <memory>
#include <vector>

namespace mws {

struct KeepAliveConfig
{
    std::chrono::milliseconds pingInterval{45000};
    std::chrono::milliseconds pongTimeout{25000};
};

/// What all workers of this process share. Each member says for itself how threads may use it.
struct Node
{
    Node(const Clock &clockSource, ReservationTable &reservationTable, size_t workers,
         const NetConfig &netConfig, const KeepAliveConfig &keepAliveConfig)
        : clock(clockSource),
          reservations(reservationTable),
          directory(workers),
          net(netConfig),
          keepAlive(keepAliveConfig)
    {
        for (size_t i = 0; i < workers; ++i)
            mailboxes.push_back(std::make_unique<Mailbox>());
    }

    const Clock &clock;
    ReservationTable &reservations;
    SocketDirectory directory;
    std::vector<std::unique_ptr<Mailbox>> mailboxes; ///< by worker; the list itself never changes
    const NetConfig net;
    const KeepAliveConfig keepAlive;
};

} // namespace mws
