#include "cli/command_line.h"

#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/help_format.h"
#include "config/near_name.h"
#include "config/option_pages.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

namespace mws::cli {

namespace {

struct ServeFlags
{
    std::string configFile;
    bool printConfig = false;
    bool checkConfig = false;
    bool printMarkdown = false;
    bool printToml = false;
};

/// For the program without a command, and for `serve`, which is the same.
void declareServe(CLI::App &app, ServeFlags &flags)
{
    app.add_option("--config", flags.configFile, "Configuration file (TOML); else MWS_CONFIG")
        ->type_name("FILE");
    auto *print =
        app.add_flag("--print-config", flags.printConfig, "Show each option, its value and its source");
    app.add_flag("--check-config", flags.checkConfig, "As the command check-config")->excludes(print);
    app.add_flag("--print-options-markdown", flags.printMarkdown)->group("");
    app.add_flag("--print-options-toml", flags.printToml)->group("");
}

void declareAll(CLI::App &app, ServeFlags &flags, Action &action, std::string_view version)
{
    app.name("mws-gateway");
    app.description("Self-hosted WebSocket push gateway");
    app.formatter(std::make_shared<HelpFormat>());
    app.set_help_flag("--help,-h", "Show this and end");
    app.set_version_flag("--version", "mws-gateway " + std::string(version), "Show the version and end");
    app.require_subcommand(0, 1);
    declareServe(app, flags);
    declareServe(
        *addPart(app, "serve", "Run the gateway; what is done without a command")->footer(optionsHelp),
        flags);
    for (const Command &command : commands()) {
        CLI::App &part = *addPart(app, command.name, command.summary);
        command.declare(part, action);
        part.footer(footerOf(command)); // after its parts, which would take it over
    }
    app.footer(rootFooter);
}

/// The command that `arguments` begin with, as far as it is one: for the complaint.
std::string commandPath(const CLI::App &app)
{
    std::string path = app.get_name();
    for (const CLI::App *part = &app; !part->get_subcommands().empty();) {
        part = part->get_subcommands().front();
        path += ' ' + part->get_name();
    }
    return path;
}

std::string complaintAbout(const CLI::App &app, const CLI::ParseError &error)
{
    const std::string path = commandPath(app);
    std::string text = error.what();
    const std::vector<std::string> extra = app.remaining();
    if (app.get_subcommands().empty() && !extra.empty() && !extra.front().starts_with('-')) {
        std::vector<std::string> names;
        for (const CLI::App *part : app.get_subcommands([](const CLI::App *) { return true; }))
            names.push_back(part->get_name());
        text = "no such command: " + extra.front() + didYouMean(extra.front(), names);
    }
    return path + ": " + text;
}

/// Of arguments that cannot be parsed, so that the parser cannot say it.
bool askForJson(const std::vector<std::string> &arguments)
{
    const auto end = std::find(arguments.begin(), arguments.end(), "--");
    return std::find(arguments.begin(), end, "--json") != end;
}

/// The arguments were good: has one of the commands in them got its --json?
bool hasJson(const CLI::App &app)
{
    const CLI::Option *option = app.get_option_no_throw("--json");
    if (option && option->count() > 0 && option->as<bool>())
        return true;
    const auto parts = app.get_subcommands();
    return std::any_of(parts.begin(), parts.end(), [](const CLI::App *part) { return hasJson(*part); });
}

ProgramExit badUsage(std::string complaint, bool json)
{
    if (json)
        complaint = errorJson({{BadUsage, complaint}}, BadUsage);
    return {BadUsage, {}, complaint + '\n'};
}

ProgramExit endOf(const CLI::App &app, const CLI::ParseError &error, bool json)
{
    if (error.get_exit_code() != 0)
        return badUsage(
            complaintAbout(app, error) + (json ? ". See " : "\nSee ") + commandPath(app) + " --help", json);
    std::ostringstream out;
    app.exit(error, out, out); // --help, --version
    return {Good, out.str(), {}};
}

CommandLine serveRequest(const ServeFlags &flags, const Environment &environment)
{
    CommandLine request;
    if (flags.printConfig)
        request.action = CommandLine::Action::PrintConfig;
    else if (flags.checkConfig)
        request.action = CommandLine::Action::CheckConfig;
    const auto variable = environment.find("MWS_CONFIG");
    if (!flags.configFile.empty())
        request.configFile = flags.configFile;
    else if (variable != environment.end() && !variable->second.empty())
        request.configFile = variable->second;
    return request;
}

} // namespace

Request parseCommandLine(const std::vector<std::string> &arguments, const Environment &environment,
                         std::string_view version)
{
    ServeFlags flags;
    Action action;
    try {
        CLI::App app;
        declareAll(app, flags, action, version);
        try {
            app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
        } catch (const CLI::ParseError &error) {
            return endOf(app, error, askForJson(arguments));
        }
        if (action && hasJson(app))
            return inJson(std::move(action));
    } catch (const std::exception &error) {
        return badUsage(std::string("mws-gateway: ") + error.what(), askForJson(arguments));
    }
    if (action)
        return action;
    if (flags.printMarkdown || flags.printToml)
        return ProgramExit{Good, flags.printMarkdown ? optionsMarkdown() : optionsToml(), {}};
    return serveRequest(flags, environment);
}

void readParser(std::string_view version, const std::function<void(CLI::App &)> &read)
{
    ServeFlags flags;
    Action action;
    CLI::App app;
    declareAll(app, flags, action, version);
    read(app);
}

} // namespace mws::cli
