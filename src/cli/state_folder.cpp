#include "cli/state_folder.h"

#include "config/loader.h"

namespace mws::cli {

std::optional<std::filesystem::path> stateFolder(const std::string &configFile, Context &context)
{
    const std::string file = configFile.empty() ? context.variable("MWS_CONFIG") : configFile;
    const LoadedConfig loaded = loadConfigFile(
        file.empty() ? std::nullopt : std::optional<std::filesystem::path>(file), context.environment);
    if (loaded.errors.empty())
        return loaded.config.server.stateDir;
    failConfiguration(context, loaded.errors);
    return std::nullopt;
}

Failure failureOf(const Error &error)
{
    return {Failed, std::string(error.message()), std::string(errorInfo(error.code).reason)};
}

} // namespace mws::cli
