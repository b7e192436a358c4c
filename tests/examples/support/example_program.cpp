#include "examples/support/example_program.h"

#include <charconv>
#include <csignal>
#include <gtest/gtest.h>

namespace mws::test {

namespace {

constexpr std::chrono::seconds startPatience{30};
constexpr std::string_view readyWords = "listening on http://127.0.0.1:";

uint16_t portIn(const std::string &output)
{
    const size_t found = output.find(readyWords);
    if (found == std::string::npos)
        return 0;
    const char *number = output.data() + found + readyWords.size();
    const char *end = output.data() + output.size();
    uint16_t port = 0;
    const auto parsed = std::from_chars(number, end, port);
    return parsed.ptr == end ? 0 : port; // the rest of the number may still come
}

} // namespace

ExampleProgram::ExampleProgram(std::vector<std::string> command, const Environment &environment)
{
    if (command.front().find('/') == std::string::npos)
        command.insert(command.begin(), "/usr/bin/env");
    m_process = std::make_unique<ChildProcess>(command, environment, m_folder.path().string());
    m_process->waitForOutput([&](const std::string &output) { return (m_port = portIn(output)) != 0; },
                             startPatience);
    if (m_port == 0)
        ADD_FAILURE() << command.back() << " does not listen:\n" << log();
}

QUrl ExampleProgram::url(const std::string &path) const
{
    return QUrl(QString::fromStdString(address() + path));
}

std::optional<int> ExampleProgram::stop()
{
    m_process->signal(SIGTERM);
    return m_process->waitForExit(startPatience);
}

} // namespace mws::test
