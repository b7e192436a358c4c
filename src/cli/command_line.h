#pragma once

#include "cli/command.h"
#include "config/command_line.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mws::cli {

/// What the arguments ask for: the service (or one of its flags that print something), an end at once with a
/// text (--help, --version, bad usage), or another command.
using Request = std::variant<CommandLine, ProgramExit, Action>;

/// Reads the arguments (without the program's name). --help and --version end with 0, bad usage with 2.
Request parseCommandLine(const std::vector<std::string> &arguments, const Environment &environment,
                         std::string_view version);

/// Calls `read` with the parser that all commands are declared to: for what is made from it, such as the man
/// page.
void readParser(std::string_view version, const std::function<void(CLI::App &)> &read);

} // namespace mws::cli
