#include "hub/worker.h"

#include <utility>

// The reservations: in this node's table, or, of a cluster, in the ledger that all nodes share. There the
// table only has the tokens whose sockets open here.

namespace mws {

void Worker::reserve(const std::shared_ptr<const Gateway> &gateway, const Reservation &reservation,
                     std::function<void(Result<void>)> answer)
{
    if (m_node.broker)
        m_node.broker->reserve(gateway->id, reservation, gateway->settings.limits.reservations, mailbox(),
                               std::move(answer));
    else
        answer(m_node.reservations.add(*gateway, reservation));
}

void Worker::revoke(const std::shared_ptr<const Gateway> &gateway, const SocketId &id,
                    std::function<void(Result<bool>)> answer)
{
    if (!m_node.broker)
        return answer(m_node.reservations.revoke(*gateway, id));
    m_node.broker->revoke(gateway->id, id, mailbox(),
                          [this, gateway, id, answer = std::move(answer)](Result<bool> revoked) {
                              // One whose claim came first, and whose socket has not opened yet.
                              const bool opening = m_node.reservations.revoke(*gateway, id);
                              answer(revoked && opening ? Result<bool>(true) : std::move(revoked));
                          });
}

void Worker::revoke(const std::shared_ptr<const Gateway> &gateway, const SocketFilter &filter,
                    std::function<void(Result<size_t>)> answer)
{
    if (!m_node.broker)
        return answer(m_node.reservations.revoke(*gateway, filter));
    m_node.broker->revoke(gateway->id, filter, mailbox(),
                          [this, gateway, filter, answer = std::move(answer)](Result<size_t> revoked) {
                              // Not counted: of most of them the ledger knows.
                              m_node.reservations.revoke(*gateway, filter);
                              answer(std::move(revoked));
                          });
}

} // namespace mws
