#include "cluster/local_broker.h"

#include <utility>

namespace mws {

void LocalBroker::publish(BrokerMessage message, Published done)
{
    if (message.idempotencyId.empty())
        return done(m_node.deliver(message.gateway, std::move(message.message)));
    const auto known = m_ids.enter(message.gateway, message.idempotencyId, message.body);
    if (!known)
        return done(Unexpected(known.error()));
    if (*known)
        return done(**known);
    const PublishOutcome outcome = m_node.deliver(message.gateway, std::move(message.message));
    m_ids.complete(message.gateway, message.idempotencyId, outcome);
    done(outcome);
}

} // namespace mws
