#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace mws {

/// What is done with a socket whose queue is full.
enum class SlowReaders {
    Close,      ///< with 1013
    DropOldest, ///< makes room for what is new
};

/// Limits that each gateway may set for itself; the defaults are CONTRACT.md's.
struct Limits
{
    size_t tagsPerSocket = 64;
    size_t tagLength = 128;             ///< bytes
    size_t tagBytes = 2048;             ///< bytes, all tags of a reservation together
    size_t receiversPerMessage = 10000; ///< ids and tags together, `exclude` included
    size_t messagesPerBatch = 1000;
    size_t queueBytes = 1 << 20;            ///< per socket; one message always fits, whatever its size
    size_t clientMessageBytes = 1 << 20;    ///< a message from a client, all fragments together
    uint32_t clientMessageFragments = 1024; ///< of one message
    uint32_t controlFramesPerSecond = 100;
    uint64_t sockets = 0; ///< open at a time; 0: no limit
    uint64_t reservations = 1000000;
    std::chrono::seconds reservation{300}; ///< life of an issued URI, 1 s to 24 h
    SlowReaders slowReaders = SlowReaders::Close;
    // Rates; 0: no limit.
    uint64_t messagesPerSecond = 0;       ///< posted ones, each of a batch
    uint64_t reservationsPerSecond = 0;   ///< issued URIs
    uint64_t socketsPerSecond = 0;        ///< that open
    uint64_t clientMessagesPerSecond = 0; ///< from one socket
    uint64_t socketsPerAddress = 0;       ///< open at a time from one address; 0: no limit
    std::chrono::seconds burst{1};        ///< of these rates: so long's worth may come at once
    friend bool operator==(const Limits &, const Limits &) = default;
};

} // namespace mws
