#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

namespace mws::cli {

/// The manual page mws-gateway(1), in man(7)'s language, from what all commands are declared with.
std::string manPage(const CLI::App &app, std::string_view version);

} // namespace mws::cli
