#include "identity/key_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mws {

namespace {

Unexpected unreadable(const std::string &path, const std::string &reason)
{
    return Unexpected(ErrorCode::Internal, path + " cannot be read: " + reason);
}

class Descriptor
{
public:
    /// Without waiting for the other end of a FIFO.
    explicit Descriptor(const std::string &path)
        : m_number(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))
    {}
    ~Descriptor()
    {
        if (m_number >= 0)
            ::close(m_number);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    int number() const { return m_number; }

private:
    int m_number;
};

} // namespace

std::optional<FileStamp> stampOf(const std::string &path)
{
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
        return std::nullopt;
    constexpr int64_t nanoseconds = 1000000000;
    return FileStamp{status.st_dev, status.st_ino, status.st_size,
                     status.st_mtim.tv_sec * nanoseconds + status.st_mtim.tv_nsec};
}

Result<std::string> readKeyFile(const std::string &path, size_t most)
{
    const Descriptor file(path);
    struct stat status = {};
    if (file.number() < 0 || ::fstat(file.number(), &status) != 0)
        return unreadable(path, std::strerror(errno));
    if (!S_ISREG(status.st_mode))
        return unreadable(path, "it is not a regular file");
    std::string text(most + 1, '\0');
    size_t size = 0;
    while (size < text.size()) {
        const ssize_t got = ::read(file.number(), text.data() + size, text.size() - size);
        if (got < 0)
            return unreadable(path, std::strerror(errno));
        if (got == 0)
            break;
        size += size_t(got);
    }
    if (size > most)
        return unreadable(path, "it is longer than " + std::to_string(most / 1024) + " KiB");
    text.resize(size);
    return text;
}

} // namespace mws
