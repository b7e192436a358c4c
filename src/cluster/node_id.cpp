#include "cluster/node_id.h"

#include "mws/base/random.h"

namespace mws {

NodeId randomNodeId()
{
    return randomAlphanumeric(16);
}

} // namespace mws
