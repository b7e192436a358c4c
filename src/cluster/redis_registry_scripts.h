#pragma once

#include "redis/redis_script.h"

namespace mws {

// Keys of a gateway's registry; those of a node are made from the first by the scripts, which stay in its
// slot.
//   n       hash: node → end of its lease, in ms of Redis's clock
//   v       hash: node → "last sequence, rows"; `*` → the last stamp
//   r:NODE  sorted set of rows, all with score 0: id (32 bytes), stamp (13 hexadecimal digits), body
//   x:NODE  set of ids that another node has opened after this one

/// RegistryStore::write(). Keys: n, v, r:NODE, x:NODE. Arguments: node, sequence, after, lease in ms, count
/// of rows, id, stamp and body of each, ids that are removed. Answers `{"late"}`, `{"lost"}` or
/// `{"done", stamp, [id, stamp…] of rows that had none and were there, [id, node, is newer…] of rivals,
/// [contested…]}`.
const RedisScript &registryWriteScript();

/// RegistryStore::release(). Keys: as above. Arguments: node, sequence.
const RedisScript &registryReleaseScript();

/// RegistryStore::list(). Keys: n. Arguments: own node, lower bound of ZRANGEBYLEX, rows of each node at most
/// (0: as many as are looked at), what a row must contain (empty: nothing), rows that are looked at, bytes.
/// Answers for each node that has any `[up to which id (empty: all), [row…]]`.
const RedisScript &registryListScript();

/// RegistryStore::find(). Keys: n. Arguments: own node, id. Answers `[node, row…]`.
const RedisScript &registryFindScript();

/// RegistryStore::nodes(). Keys: n. Arguments: own node. Answers the nodes.
const RedisScript &registryNodesScript();

} // namespace mws
