#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <sys/types.h>

namespace mws::test {

/// What the kernel says of a process. Thread: any.
class ProcessProbe
{
public:
    explicit ProcessProbe(pid_t id) : m_id(id) {}

    size_t residentBytes() const { return field("status", "VmRSS:"); }
    /// Its pages, those that it shares counted in part.
    size_t proportionalBytes() const { return field("smaps_rollup", "Pss:"); }
    /// The most that was resident since resetPeak().
    size_t peakResidentBytes() const { return field("status", "VmHWM:"); }
    void resetPeak() const;
    /// Of all its threads, user and system, so far.
    std::chrono::microseconds cpu() const;
    size_t descriptors() const;
    /// Changes how many descriptors it may have open.
    bool limitDescriptors(size_t count) const;

private:
    size_t field(const std::string &file, const std::string &name) const;

    pid_t m_id;
};

/// Lets this process open as many descriptors as the hard limit allows; how many that is.
size_t raiseDescriptorLimit();

} // namespace mws::test
