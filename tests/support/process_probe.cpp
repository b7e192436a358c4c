#include "support/process_probe.h"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>

namespace mws::test {

namespace {

std::string path(pid_t id, const std::string &file)
{
    return "/proc/" + std::to_string(id) + '/' + file;
}

} // namespace

size_t ProcessProbe::field(const std::string &file, const std::string &name) const
{
    constexpr size_t kibibyte = 1024;
    std::ifstream lines(path(m_id, file));
    for (std::string word; lines >> word;) {
        size_t value = 0;
        if (word == name && lines >> value)
            return value * kibibyte;
    }
    return 0;
}

void ProcessProbe::resetPeak() const
{
    std::ofstream(path(m_id, "clear_refs")) << '5';
}

std::chrono::microseconds ProcessProbe::cpu() const
{
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(m_id, &clock) != 0 || ::clock_gettime(clock, &time) != 0)
        return {};
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_nsec / 1000);
}

size_t ProcessProbe::descriptors() const
{
    std::error_code error;
    size_t count = 0;
    for (std::filesystem::directory_iterator entry(path(m_id, "fd"), error), end; !error && entry != end;
         entry.increment(error))
        ++count;
    return count;
}

bool ProcessProbe::limitDescriptors(size_t count) const
{
    rlimit limit{};
    if (::prlimit(m_id, RLIMIT_NOFILE, nullptr, &limit) != 0)
        return false;
    limit.rlim_cur = count;
    return ::prlimit(m_id, RLIMIT_NOFILE, &limit, nullptr) == 0;
}

size_t raiseDescriptorLimit()
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return size_t(limit.rlim_max);
}

} // namespace mws::test
