#pragma once

#include "redis/redis_script.h"

namespace mws {

/// Appends an entry to a gateway's stream, unless its idempotency id is known. Keys: stream, head, marks, id.
/// Arguments: nonce, body, entries to keep, age in ms, life of the id in ms (0: there is no id), digest, and
/// whether a repetition writes, too (1), so that who waits for replicas afterwards waits for what it repeats.
/// Answers `{"written", sequence, nonce}`, `{"repeated"}` or `{"conflict"}`.
const RedisScript &appendScript();

/// Reads the end of a stream and some entries of it. Keys: stream, head. Arguments: the sequence after which
/// (empty: none), most entries, most bytes. Answers `{sequence, nonce, now in ms, more, [[id, [fields…]]…]}`.
const RedisScript &readScript();

} // namespace mws
