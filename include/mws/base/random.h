#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace mws {

/// `length` characters of `A-Za-z0-9`, from the kernel's generator (getrandom), without bias.
/// Thread: any.
std::string randomAlphanumeric(size_t length);

/// `length` random bytes from the kernel's generator.
/// Thread: any.
std::string randomBytes(size_t length);

/// A cheap number that nobody needs to be unable to guess, for jitter. Uniform in [0, bound); 0 if bound is
/// 0. Thread: any.
uint64_t randomBelow(uint64_t bound);

} // namespace mws
