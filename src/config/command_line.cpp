#include "config/command_line.h"

#include "config/gateway_store.h"
#include "config/loader.h"
#include "config/option_pages.h"
#include "mws/base/clock.h"
#include "tls/tls_context.h"

#include <CLI/CLI.hpp>
#include <sstream>

namespace mws {

namespace {

constexpr int badUsage = 2;

std::string lines(const std::vector<std::string> &texts, std::string_view prefix)
{
    std::string result;
    for (const std::string &text : texts)
        ((result += prefix) += text) += '\n';
    return result;
}

struct Flags
{
    std::string configFile;
    bool printConfig = false;
    bool checkConfig = false;
    bool printMarkdown = false;
    bool printToml = false;
};

void declare(CLI::App &app, Flags &flags, std::string_view version)
{
    app.set_help_flag("--help,-h", "Show this and end");
    app.set_version_flag("--version", "mws-gateway " + std::string(version), "Show the version and end");
    app.add_option("--config", flags.configFile, "Configuration file (TOML); else MWS_CONFIG")
        ->type_name("FILE");
    auto *print =
        app.add_flag("--print-config", flags.printConfig, "Show each option, its value and its source");
    app.add_flag("--check-config", flags.checkConfig, "Check the configuration and end")->excludes(print);
    app.add_flag("--print-options-markdown", flags.printMarkdown)->group("");
    app.add_flag("--print-options-toml", flags.printToml)->group("");
    app.footer(optionsHelp);
}

ProgramExit printConfig(const ServiceConfig &config)
{
    const auto stored = readGatewayState(config.server.stateDir);
    if (!stored)
        return {badUsage, {}, stored.error().detail + '\n'};
    return {0, provenanceText(provenanceWithStored(config, *stored)), lines(config.warnings, "warning: ")};
}

/// What the start would stumble over, beyond the configuration's own text.
ProgramExit checkFiles(const ServiceConfig &config)
{
    if (const auto stored = readGatewayState(config.server.stateDir); !stored)
        return {badUsage, {}, stored.error().detail + '\n'};
    std::vector<std::string> warnings = config.warnings;
    if (config.tls.isOn()) {
        const auto context = TlsContext::load(config.tls, SystemClock().wall());
        if (!context)
            return {badUsage, {}, context.error().detail + '\n'};
        warnings.insert(warnings.end(), context->warnings.begin(), context->warnings.end());
    }
    return {0, "The configuration is good.\n", lines(warnings, "warning: ")};
}

} // namespace

std::variant<CommandLine, ProgramExit> parseCommandLine(const std::vector<std::string> &arguments,
                                                        const Environment &environment,
                                                        std::string_view version)
{
    Flags flags;
    try {
        CLI::App app("Self-hosted WebSocket push gateway", "mws-gateway");
        declare(app, flags, version);
        try {
            app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
        } catch (const CLI::ParseError &error) {
            std::ostringstream out;
            std::ostringstream complaint;
            const bool asked = app.exit(error, out, complaint) == 0; // --help, --version
            return ProgramExit{asked ? 0 : badUsage, out.str(), complaint.str()};
        }
    } catch (const std::exception &error) {
        return ProgramExit{badUsage, {}, std::string("mws-gateway: ") + error.what() + '\n'};
    }
    if (flags.printMarkdown || flags.printToml)
        return ProgramExit{0, flags.printMarkdown ? optionsMarkdown() : optionsToml(), {}};

    CommandLine commandLine;
    if (flags.printConfig)
        commandLine.action = CommandLine::Action::PrintConfig;
    else if (flags.checkConfig)
        commandLine.action = CommandLine::Action::CheckConfig;
    const auto variable = environment.find("MWS_CONFIG");
    if (flags.configFile.empty() && variable != environment.end())
        flags.configFile = variable->second;
    if (!flags.configFile.empty())
        commandLine.configFile = flags.configFile;
    return commandLine;
}

std::variant<ServiceConfig, ProgramExit> configure(const CommandLine &commandLine,
                                                   const Environment &environment)
{
    LoadedConfig loaded = loadConfigFile(commandLine.configFile, environment);
    if (!loaded.errors.empty())
        return ProgramExit{badUsage, {}, lines(loaded.errors, "")};
    switch (commandLine.action) {
    case CommandLine::Action::PrintConfig:
        return printConfig(loaded.config);
    case CommandLine::Action::CheckConfig:
        return checkFiles(loaded.config);
    case CommandLine::Action::Serve:
        break;
    }
    return std::move(loaded.config);
}

} // namespace mws
