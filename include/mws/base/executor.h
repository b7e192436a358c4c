#pragma once

#include <functional>

namespace mws {

/// A thread that takes work from others.
class Executor
{
public:
    virtual ~Executor() = default;
    /// Runs task on the executor's thread, later; thread: any.
    virtual void post(std::function<void()> task) = 0;
};

} // namespace mws
