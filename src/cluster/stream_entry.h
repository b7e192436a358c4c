#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace mws {

/// Where one is in a gateway's stream: the last entry that is known. Entries are numbered 1, 2, 3 … and each
/// has a random nonce, so that two histories can be told apart even if their numbers are the same.
struct StreamPosition
{
    uint64_t sequence = 0; ///< 0: before the first entry
    uint64_t nonce = 0;    ///< of that entry; 0 before the first
    friend bool operator==(const StreamPosition &, const StreamPosition &) = default;
};

/// An entry of a gateway's stream, and the nonce of the one before it: entries are a chain, so that one that
/// is missing, or another history, is noticed.
struct StreamEntry
{
    StreamPosition position;
    uint64_t previous = 0; ///< nonce of the entry before
    std::string body;      ///< a ClusterMessage, encoded
    std::chrono::milliseconds age{
        0}; ///< since the broker took it, by the broker's clock; 0 for one that was pushed
    friend bool operator==(const StreamEntry &, const StreamEntry &) = default;

    bool follows(const StreamPosition &before) const
    {
        return position.sequence == before.sequence + 1 && previous == before.nonce;
    }
};

} // namespace mws
