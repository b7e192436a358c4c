#include "cli/help_format.h"

#include <CLI/CLI.hpp>
#include <sstream>

namespace mws::cli {

HelpFormat::HelpFormat()
{
    column_width(32);
    label("SUBCOMMAND", "COMMAND");
    label("Positionals", "Arguments");
}

std::string HelpFormat::make_option_name(const CLI::Option *option, bool isPositional) const
{
    return isPositional ? typeOf(*option) : option->get_name(false, true);
}

std::string HelpFormat::make_option_usage(const CLI::Option *option) const
{
    const std::string name = make_option_name(option, true);
    return option->get_required() || name.starts_with('[') ? name : '[' + name + ']';
}

std::string HelpFormat::make_option_opts(const CLI::Option *option) const
{
    const std::string type = typeOf(*option);
    return type.empty() || option->get_positional() ? std::string() : ' ' + type;
}

std::string typeOf(const CLI::Option &option)
{
    if (option.get_type_size() == 0)
        return {};
    const std::string type = option.get_type_name();
    return type.substr(0, type.find(':')); // behind it, the parser names its checks
}

std::string wrapped(std::string_view text, std::string_view margin, size_t width)
{
    std::istringstream words{std::string(text)};
    std::string result;
    std::string line(margin);
    for (std::string word; words >> word;) {
        const bool isFirst = line.size() == margin.size();
        if (!isFirst && line.size() + 1 + word.size() > width) {
            result += line + '\n';
            line = std::string(margin) + word;
        } else {
            line += isFirst ? word : ' ' + word;
        }
    }
    return result + line + '\n';
}

std::string footerOf(const Command &command)
{
    std::string text = wrapped(command.description);
    if (!command.examples.empty())
        text += "\nExamples:\n";
    for (const Example &example : command.examples)
        text += "  # " + example.meaning + "\n  " + example.line + '\n';
    text.pop_back(); // the formatter adds it
    return text;
}

const std::vector<std::pair<int, std::string>> &exitCodes()
{
    static const std::vector<std::pair<int, std::string>> codes{
        {Good, "it was done"},
        {Failed, "the gateway refused it, or a check failed"},
        {BadUsage, "the arguments or the configuration are wrong"},
        {Unreachable, "the gateway cannot be reached, or does not answer in time"},
        {Interrupted, "Ctrl+C, where that is not the usual end"}};
    return codes;
}

const std::vector<std::pair<std::string, std::string>> &commandVariables()
{
    static const std::vector<std::pair<std::string, std::string>> variables{
        {"MWS_URL", "where the gateway is, http or https; else http://127.0.0.1 with $PORT, or 8080"},
        {"SECURITY_TOKEN", "the gateway's security token, for listen, publish, reserve and sockets"},
        {"OPERATOR_TOKEN",
         "the operator's token, for gateways; for the others where SECURITY_TOKEN is not set"},
        {"MWS_CONFIG", "the configuration file, where --config does not name one"},
        {"NO_COLOR", "not empty: no colours, also on a terminal"}};
    return variables;
}

std::string rootFooter()
{
    std::string text =
        "Without a command it serves. mws-gateway COMMAND --help shows a command's options and "
        "examples;\nmws-gateway serve --help lists all settings, man mws-gateway has everything."
        "\n\nEnvironment of the commands:\n";
    std::ostringstream out;
    for (const auto &[name, meaning] : commandVariables())
        CLI::detail::format_help(out, name, meaning, 18);
    out << "\nExit codes:\n";
    for (const auto &[code, meaning] : exitCodes())
        CLI::detail::format_help(out, std::to_string(code), meaning, 18);
    out << '\n' << wrapped(jsonErrorsHelp);
    text += out.str();
    text.pop_back();
    return text;
}

} // namespace mws::cli
