#include "usage.h"

#include <algorithm>
#include <cstdio>
#include <gtest/gtest.h>

namespace mws::test {

namespace {

constexpr double growthAllowed = 1.05;
constexpr size_t kibibyte = 1024;

} // namespace

void Usage::sample()
{
    m_samples.push_back({m_probe.residentBytes(), m_probe.proportionalBytes(), m_probe.descriptors()});
}

void Usage::tell() const
{
    print(("after " + std::to_string(m_samples.size()) + " s").c_str(), m_samples.back());
}

void Usage::print(const char *when, const Sample &sample) const
{
    std::printf("soak: %s, %s: RSS %zu KiB, PSS %zu KiB, %zu descriptors\n", m_name.c_str(), when,
                sample.residentBytes / kibibyte, sample.proportionalBytes / kibibyte, sample.descriptors);
    std::fflush(stdout);
}

Usage::Sample Usage::median(size_t first, size_t count) const
{
    const auto of = [&](size_t Sample::*figure) {
        std::vector<size_t> values;
        for (size_t i = first; i < first + count; ++i)
            values.push_back(m_samples[i].*figure);
        std::sort(values.begin(), values.end());
        return values[values.size() / 2];
    };
    return {of(&Sample::residentBytes), of(&Sample::proportionalBytes), of(&Sample::descriptors)};
}

void Usage::expectNoGrowth(size_t from, size_t window) const
{
    const Sample then = median(from, window);
    const Sample now = median(m_samples.size() - window, window);
    print("median of the earlier window", then);
    print("median of the last window", now);
    EXPECT_LE(double(now.residentBytes), growthAllowed * double(then.residentBytes)) << m_name;
    EXPECT_LE(double(now.descriptors), growthAllowed * double(then.descriptors) + 1) << m_name;
}

} // namespace mws::test
