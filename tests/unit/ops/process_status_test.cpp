#include "ops/process_status.h"

#include <chrono>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace mws {

TEST(ProcessStatus, IsThatOfThisProcess)
{
    const double now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    const ProcessStatus status = readProcessStatus();
    EXPECT_GT(status.cpuSeconds, 0);
    EXPECT_GT(status.residentBytes, 1u << 20);
    EXPECT_GT(status.virtualBytes, status.residentBytes);
    EXPECT_GE(status.openDescriptors, 3u);
    EXPECT_GE(status.mostDescriptors, status.openDescriptors);
    EXPECT_LT(status.startedAt, now + 1);
    EXPECT_GT(status.startedAt, now - 24 * 3600);
    EXPECT_EQ(readProcessStatus().startedAt, status.startedAt);
}

TEST(ProcessStatus, CountsDescriptors)
{
    const uint64_t before = readProcessStatus().openDescriptors;
    const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ASSERT_GE(fd, 0);
    EXPECT_EQ(readProcessStatus().openDescriptors, before + 1);
    ::close(fd);
    EXPECT_EQ(readProcessStatus().openDescriptors, before);
}

} // namespace mws
