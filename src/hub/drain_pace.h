#pragma once

#include <chrono>
#include <cstddef>

namespace mws {

/// How often a draining worker says goodbye to some of its sockets.
inline constexpr std::chrono::milliseconds drainStep{100};

/// Over which part of a drain of `drain` the sockets are closed: what is left at its end is for the last ones
/// to answer, `closeTimeout` or a quarter of the drain, whichever is shorter.
std::chrono::milliseconds drainSpread(std::chrono::milliseconds drain,
                                      std::chrono::milliseconds closeTimeout);

/// How many of `open` sockets of a worker go in this step, so that they go evenly and all have gone when
/// `left` is over. Few go at once: spreading is for the herd that comes back elsewhere.
size_t drainBatch(size_t open, std::chrono::milliseconds left);

} // namespace mws
