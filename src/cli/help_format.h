#pragma once

#include "cli/command.h"

#include <CLI/Formatter.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mws::cli {

/// How --help looks: options in two columns, with no more than what one types and what it means.
class HelpFormat : public CLI::Formatter
{
public:
    HelpFormat();
    std::string make_option_name(const CLI::Option *option, bool isPositional) const override;
    std::string make_option_opts(const CLI::Option *option) const override;
    std::string make_option_usage(const CLI::Option *option) const override;
};

/// What an option or argument takes, e.g. `FILE` or `a|b`, without what its value is checked for; empty for a
/// flag.
std::string typeOf(const CLI::Option &option);

/// What follows the options in a command's help: description and examples.
std::string footerOf(const Command &command);

/// What follows the list of commands in the program's own help.
std::string rootFooter();

/// The exit codes of all commands, and what they mean.
const std::vector<std::pair<int, std::string>> &exitCodes();

/// Where a command's errors are with --json.
inline constexpr std::string_view jsonErrorsHelp =
    "With --json a command that fails prints {\"error\": {\"reason\", \"message\", \"status\", \"code\"}} on "
    "standard "
    "error, and nothing that is not JSON.";

/// Variables of the environment that commands read, and what they mean.
const std::vector<std::pair<std::string, std::string>> &commandVariables();

/// `text` in lines of at most `width` characters, each behind `margin`, with a line feed at the end.
std::string wrapped(std::string_view text, std::string_view margin = {}, size_t width = 100);

} // namespace mws::cli
