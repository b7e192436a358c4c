#pragma once

#include <cassert>
#include <thread>

namespace mws {

/// Remembers the thread that made it (or that called rebind()) and asserts, in debug builds, that it is still
/// the one.
class ThreadCheck
{
public:
    void rebind() { m_owner = std::this_thread::get_id(); }
    void check() const { assert(m_owner == std::this_thread::get_id()); }

private:
    std::thread::id m_owner = std::this_thread::get_id();
};

} // namespace mws
