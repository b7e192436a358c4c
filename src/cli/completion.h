#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace mws::cli {

/// What may stand in the place of the last of `words`, which follow the program's name; the last one is what
/// was typed of it so far, and may be empty. `FILE` alone stands for the name of a file.
std::vector<std::string> candidates(const CLI::App &app, const std::vector<std::string> &words);

} // namespace mws::cli
