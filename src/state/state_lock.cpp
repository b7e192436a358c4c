#include "state/state_lock.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace mws {

namespace {

/// The process's number as the owner wrote it; empty if there is none.
std::string ownerOf(int descriptor)
{
    std::array<char, 32> text{};
    const ssize_t got = ::pread(descriptor, text.data(), text.size(), 0);
    const std::string number(text.data(), size_t(std::max<ssize_t>(0, got)));
    const bool isNumber = !number.empty() && number.find_first_not_of("0123456789\n") == std::string::npos;
    return isNumber ? number.substr(0, number.find('\n')) : std::string();
}

/// The whole file, for one writer. Such a lock belongs to the open file, not to the process, and unlike
/// flock() can be asked for without being taken.
struct flock wholeFile()
{
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

} // namespace

Result<StateLock> StateLock::take(const std::filesystem::path &stateDir)
{
    const std::filesystem::path path = stateDir / "lock";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0)
        return Unexpected(ErrorCode::Unavailable,
                          path.string() + " cannot be written: " + std::strerror(errno));
    StateLock lock(descriptor);
    struct flock wanted = wholeFile();
    if (::fcntl(descriptor, F_OFD_SETLK, &wanted) != 0) {
        if (errno != EAGAIN && errno != EACCES)
            return Unexpected(ErrorCode::Unavailable,
                              path.string() + " cannot be locked: " + std::strerror(errno));
        const std::string owner = ownerOf(descriptor);
        return Unexpected(ErrorCode::Conflict, stateDir.string() + " is in use by another gateway" +
                                                   (owner.empty() ? "" : " (process " + owner + ')') +
                                                   ": each needs a state folder of its own");
    }
    // Only for people, so that it does not matter if it fails.
    const std::string number = std::to_string(::getpid()) + '\n';
    if (::ftruncate(descriptor, 0) == 0) [[maybe_unused]]
        const ssize_t written = ::pwrite(descriptor, number.data(), number.size(), 0);
    return lock;
}

Result<StateUse> StateLock::look(const std::filesystem::path &stateDir)
{
    const std::filesystem::path path = stateDir / "lock";
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0 && errno == ENOENT)
        return StateUse{};
    if (descriptor < 0)
        return Unexpected(ErrorCode::Unavailable, path.string() + " cannot be read: " + std::strerror(errno));
    const StateLock file(descriptor); // closes it
    struct flock asked = wholeFile();
    if (::fcntl(descriptor, F_OFD_GETLK, &asked) != 0)
        return Unexpected(ErrorCode::Unavailable,
                          path.string() + " cannot be asked for its lock: " + std::strerror(errno));
    if (asked.l_type == F_UNLCK)
        return StateUse{};
    return StateUse{true, ownerOf(descriptor)};
}

StateLock::StateLock(StateLock &&other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) {}

StateLock &StateLock::operator=(StateLock &&other) noexcept
{
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

StateLock::~StateLock()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

} // namespace mws
