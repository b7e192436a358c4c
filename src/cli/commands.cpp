#include "cli/commands.h"

namespace mws::cli {

const std::vector<Command> &commands()
{
    static const std::vector<Command> all{
        listenCommand(),   publishCommand(),   reserveCommand(),     socketsCommand(),
        gatewaysCommand(), mintTokenCommand(), checkConfigCommand(), doctorCommand(),
        backupCommand(),   restoreCommand(),   completionCommand(),
    };
    return all;
}

} // namespace mws::cli
