#pragma once

#include "redis/redis_script.h"

namespace mws {

// The scripts of RedisTokenLedger. Keys of a gateway: `o`, a hash of open reservations (a field, mostly the
// socket id, and its token_row.h), `e`, a zset of the same fields by the time at which the token expires
// (ms), `j:TOKENID`, what has become of a token (`1`: spent or revoked; else `NODE NUMBER LEASE`: held by the
// node's claim of that number, at least until LEASE), and `n`, a hash of nodes and the ends of their leases
// (ms), which is the registry's. All times are Redis's own, but those in tokens; a token is remembered for
// ten minutes longer than it is good, as clocks may differ.
//
// Several tokens with `reuse` that a backend minted for one socket id have the fields `ID`, `ID/1` … `ID/7`.

/// Keys: o, e. Arguments: field, row, most open ones. Answers `reserved`, `full` or `known`.
const RedisScript &reserveTokenScript();

/// Of a single-use token. Keys: o, e, j. Arguments: socket id, token id, until when j is kept (ms). Answers
/// `claimed` or `spent`.
const RedisScript &claimTokenScript();

/// Of one with `reuse`. Keys: o, e, j, n. Arguments: socket id, token id, until when j is kept (ms), node,
/// number, row. Answers `claimed`, `spent`, `held` (by another node) or `full` (eight others have that id).
const RedisScript &holdTokenScript();

/// Keys: j. Arguments: node, number. Answers 1 if it was held so, else 0.
const RedisScript &giveTokenBackScript();

/// Keys: o, e. Arguments: socket id, what all j begin with. Answers how many were open.
const RedisScript &revokeTokenScript();

/// Some of the open ones, in the order of `e`. Keys: o, e. Arguments: what all j begin with, then `1` or `0`
/// and the tag, `1` or `0` and the user, time before which it was issued (ms; empty: any), the score and
/// field after which to go on (empty: from the first one), most to look at. Answers `{revoked}` at the end,
/// else
/// `{revoked, score, field}`.
const RedisScript &revokeTokensScript();

} // namespace mws
