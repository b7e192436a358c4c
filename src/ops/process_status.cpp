#include "ops/process_status.h"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mws {

namespace {

double seconds(clockid_t clock)
{
    timespec time{};
    ::clock_gettime(clock, &time);
    return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
}

uint64_t countDescriptors()
{
    struct stat folder
    {};
    if (::stat("/proc/self/fd", &folder) == 0 && folder.st_size > 0)
        return uint64_t(folder.st_size); // Linux 6.2 and later
    std::error_code failure;
    const std::filesystem::directory_iterator all("/proc/self/fd", failure);
    if (failure)
        return 0;
    const auto count = uint64_t(std::distance(begin(all), end(all)));
    return count > 0 ? count - 1 : 0; // without the one that reads the folder
}

/// Seconds since 1970. The 22nd field of /proc/self/stat is in clock ticks since the machine's start.
double readStart()
{
    std::ifstream file("/proc/self/stat");
    std::string line;
    std::getline(file, line);
    const size_t name = line.rfind(')'); // the second field, which may hold spaces
    if (name == line.npos)
        return 0;
    std::istringstream fields(line.substr(name + 1));
    std::string field;
    constexpr int afterName = 20;
    for (int i = 0; i < afterName; ++i)
        fields >> field;
    if (!fields)
        return 0;
    const double sinceBoot = double(std::stoull(field)) / double(::sysconf(_SC_CLK_TCK));
    return seconds(CLOCK_REALTIME) - seconds(CLOCK_BOOTTIME) + sinceBoot;
}

} // namespace

ProcessStatus readProcessStatus()
{
    static const double start = readStart(); // a clock that is set later does not move it
    ProcessStatus status;
    status.startedAt = start;
    status.cpuSeconds = seconds(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t virtualPages = 0;
    uint64_t residentPages = 0;
    if (std::ifstream("/proc/self/statm") >> virtualPages >> residentPages) {
        const auto page = uint64_t(::sysconf(_SC_PAGESIZE));
        status.virtualBytes = virtualPages * page;
        status.residentBytes = residentPages * page;
    }
    status.openDescriptors = countDescriptors();
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
        status.mostDescriptors = limit.rlim_cur;
    return status;
}

} // namespace mws
