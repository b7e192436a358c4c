#pragma once

#include "support/process_probe.h"

#include <vector>

namespace mws::test {

/// Memory and descriptors of a process, a sample at a time.
class Usage
{
public:
    struct Sample
    {
        size_t residentBytes = 0;
        size_t proportionalBytes = 0; ///< PSS
        size_t descriptors = 0;
    };

    Usage(std::string name, pid_t process) : m_name(std::move(name)), m_probe(process) {}

    void sample();
    /// Prints the newest sample.
    void tell() const;
    /// Fails if the median of RSS or descriptors over the last `window` samples is more than 5 % over that of
    /// `window` samples from the sample `from` on; prints both. A descriptor more is no growth, and PSS is
    /// only shown: it rises and falls with how many processes share the libraries.
    void expectNoGrowth(size_t from, size_t window) const;

private:
    Sample median(size_t first, size_t count) const;
    void print(const char *when, const Sample &sample) const;

    std::string m_name;
    ProcessProbe m_probe;
    std::vector<Sample> m_samples;
};

} // namespace mws::test
