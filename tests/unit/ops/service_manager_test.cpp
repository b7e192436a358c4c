#include "ops/service_manager.h"

#include "mws/base/log.h"

#include <array>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace mws {

using ::testing::HasSubstr;
using ::testing::StartsWith;

namespace {

/// The service manager's end: a datagram socket, at a path or an abstract name.
class Manager
{
public:
    explicit Manager(const std::string &name) : m_fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        name.copy(at.sun_path, sizeof at.sun_path - 1);
        if (name.front() == '@')
            at.sun_path[0] = '\0';
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        EXPECT_EQ(::bind(m_fd, reinterpret_cast<const sockaddr *>(&at), length), 0) << name;
    }
    ~Manager() { ::close(m_fd); }

    /// What has been sent, in order; the sender's call ends when it is here.
    std::string take() const
    {
        std::array<char, 1024> bytes;
        const ssize_t size = ::recv(m_fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
        return size < 0 ? "" : std::string(bytes.data(), static_cast<size_t>(size));
    }

private:
    int m_fd;
};

class Recorder final : public LogSink
{
public:
    void write(LogLevel, std::string_view event, std::initializer_list<LogField>) override
    {
        logged += event;
    }
    std::string logged;
};

std::string uniqueName(const std::string &prefix)
{
    return prefix + "mws-service-manager-test-" + std::to_string(::getpid());
}

} // namespace

TEST(ServiceManager, IsToldHowFarTheProgramIs)
{
    const std::string path = uniqueName(::testing::TempDir() + "/");
    std::filesystem::remove(path);
    const Manager manager(path);
    const ServiceManager told(path);
    told.ready();
    EXPECT_EQ(manager.take(), "READY=1\nSTATUS=Serving");
    told.reloading();
    EXPECT_THAT(manager.take(), ::testing::MatchesRegex("RELOADING=1\nSTATUS=[^\n]+\nMONOTONIC_USEC=[0-9]+"));
    told.stopping(std::chrono::seconds(35));
    EXPECT_EQ(manager.take(), "STOPPING=1\nSTATUS=Draining\nEXTEND_TIMEOUT_USEC=35000000");
    EXPECT_EQ(manager.take(), "");
    std::filesystem::remove(path);
}

TEST(ServiceManager, MayHaveAnAbstractName)
{
    const std::string name = uniqueName("@");
    const Manager manager(name);
    ServiceManager(name).ready();
    EXPECT_THAT(manager.take(), StartsWith("READY=1"));
}

TEST(ServiceManager, IsNotAskedForWhereThereIsNone)
{
    Recorder recorder;
    setLogSink(&recorder);
    ServiceManager("").ready();
    EXPECT_EQ(recorder.logged, "");
    ServiceManager(uniqueName("/nowhere/")).ready();
    EXPECT_THAT(recorder.logged, HasSubstr("service manager"));
    setLogSink(nullptr);
}

TEST(ServiceManager, SaysWhyItCannotBeTold)
{
    const auto reason = [](const std::string &address) {
        const Result<void> sent = ServiceManager(address).send("READY=1");
        return sent ? "" : std::string(sent.error().message());
    };
    EXPECT_EQ(reason(uniqueName("/nowhere/")), "NOTIFY_SOCKET: No such file or directory");
    EXPECT_EQ(reason("relative"), "NOTIFY_SOCKET: 'relative' is neither a path nor @NAME");
    EXPECT_EQ(reason("/"), "NOTIFY_SOCKET: '/' is neither a path nor @NAME");
    EXPECT_EQ(reason("/" + std::string(200, 'a')), "NOTIFY_SOCKET: longer than 107 bytes");
}

} // namespace mws
