#include "hub/worker.h"

#include <utility>

// The reservations: in this node's table, or, of a cluster, in the ledger that all nodes share.

namespace mws {

void Worker::reserve(const std::shared_ptr<const Gateway> &gateway, const Reservation &reservation,
                     std::function<void(Result<void>)> answer)
{
    answer(m_node.reservations.add(*gateway, reservation));
}

void Worker::revoke(const std::shared_ptr<const Gateway> &gateway, const SocketId &id,
                    std::function<void(Result<bool>)> answer)
{
    answer(m_node.reservations.revoke(*gateway, id));
}

void Worker::revoke(const std::shared_ptr<const Gateway> &gateway, const SocketFilter &filter,
                    std::function<void(Result<size_t>)> answer)
{
    answer(m_node.reservations.revoke(*gateway, {filter.tag, filter.user, filter.issuedBefore}));
}

} // namespace mws
