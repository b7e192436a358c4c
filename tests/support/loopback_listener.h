#pragma once

#include <cstdint>
#include <utility>

namespace mws::test {

/// A socket that listens on a free port of 127.0.0.1, and that port. Ends the program if there is none.
std::pair<int, uint16_t> listenOnLoopback();

} // namespace mws::test
