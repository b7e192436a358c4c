#include "config/command_line.h"

#include "config/gateway_store.h"
#include "config/loader.h"
#include "config/option_pages.h"
#include "mws/base/clock.h"
#include "tls/tls_context.h"

#include <utility>

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

ProgramExit printConfig(const ServiceConfig &config)
{
    const auto stored = readGatewayState(config.server.stateDir);
    if (!stored)
        return {badUsage, {}, stored.error().detail + '\n'};
    return {0, provenanceText(provenanceWithStored(config, *stored)), lines(config.warnings, "warning: ")};
}

/// Adds what the start would stumble over, beyond the configuration's own text.
void checkFiles(const ServiceConfig &config, ConfigFindings &findings)
{
    if (const auto stored = readGatewayState(config.server.stateDir); !stored)
        findings.errors.push_back(stored.error().detail);
    if (!config.tls.isOn())
        return;
    const auto context = TlsContext::load(config.tls, SystemClock().wall());
    if (context)
        findings.warnings.insert(findings.warnings.end(), context->warnings.begin(), context->warnings.end());
    else
        findings.errors.push_back(context.error().detail);
}

ProgramExit checkConfig(const CommandLine &commandLine, const Environment &environment)
{
    const ConfigFindings found = checkConfiguration(commandLine.configFile, environment);
    if (!found.errors.empty())
        return {badUsage, {}, lines(found.errors, "")};
    return {0, "The configuration is good.\n", lines(found.warnings, "warning: ")};
}

} // namespace

ConfigFindings checkConfiguration(const std::optional<std::filesystem::path> &file,
                                  const Environment &environment)
{
    LoadedConfig loaded = loadConfigFile(file, environment);
    ConfigFindings findings{std::move(loaded.errors), std::move(loaded.config.warnings)};
    if (findings.errors.empty())
        checkFiles(loaded.config, findings);
    return findings;
}

std::variant<ServiceConfig, ProgramExit> configure(const CommandLine &commandLine,
                                                   const Environment &environment)
{
    if (commandLine.action == CommandLine::Action::CheckConfig)
        return checkConfig(commandLine, environment);
    LoadedConfig loaded = loadConfigFile(commandLine.configFile, environment);
    if (!loaded.errors.empty())
        return ProgramExit{badUsage, {}, lines(loaded.errors, "")};
    if (commandLine.action == CommandLine::Action::PrintConfig)
        return printConfig(loaded.config);
    return std::move(loaded.config);
}

} // namespace mws
