#include "cli/state_folder.h"

#include "config/loader.h"

namespace mws::cli {

std::optional<std::filesystem::path> stateFolder(const std::string &configFile, Context &context)
{
    const std::string file = configFile.empty() ? context.variable("MWS_CONFIG") : configFile;
    const LoadedConfig loaded = loadConfigFile(
        file.empty() ? std::nullopt : std::optional<std::filesystem::path>(file), context.environment);
    for (const std::string &error : loaded.errors)
        context.terminal.note(error);
    if (!loaded.errors.empty())
        return std::nullopt;
    return loaded.config.server.stateDir;
}

} // namespace mws::cli
