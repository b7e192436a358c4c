#pragma once

#include "mws/base/result.h"

#include <filesystem>
#include <string>

namespace mws {

/// Who runs on a state folder.
struct StateUse
{
    bool isHeld = false;
    std::string process; ///< its number, as it wrote it; empty where that cannot be told
};

/// Keeps a state folder for one process (`lock` in it, locked as open file description): for as long as this
/// lives, also where the process is killed. Thread: one at a time.
class StateLock
{
public:
    /// The folder is there. Errors: Conflict where another process has it, and says which; Unavailable where
    /// nothing can be written there, so that there is nothing to keep either.
    static Result<StateLock> take(const std::filesystem::path &stateDir);

    /// Whether a process has it, and which; the folder stays as it is. Errors: Unavailable where that cannot
    /// be told.
    static Result<StateUse> look(const std::filesystem::path &stateDir);

    StateLock(StateLock &&other) noexcept;
    StateLock &operator=(StateLock &&other) noexcept;
    ~StateLock();

private:
    explicit StateLock(int descriptor) : m_descriptor(descriptor) {}

    int m_descriptor;
};

} // namespace mws
