#pragma once

#include <cstdint>

namespace mws {

/// What the kernel says of this process. What it does not tell is 0.
struct ProcessStatus
{
    double cpuSeconds = 0; ///< of all threads
    uint64_t residentBytes = 0;
    uint64_t virtualBytes = 0;
    uint64_t openDescriptors = 0;
    uint64_t mostDescriptors = 0; ///< the soft limit
    double startedAt = 0;         ///< seconds since 1970
};

/// Source: /proc (proc(5)). Thread: any. Cost: some system calls; before Linux 6.2 one for some hundreds of
/// open descriptors each.
ProcessStatus readProcessStatus();

} // namespace mws
