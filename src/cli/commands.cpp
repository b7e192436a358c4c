#include "cli/commands.h"

namespace mws::cli {

const std::vector<Command> &commands()
{
    static const std::vector<Command> all{
        backupCommand(),   checkConfigCommand(), completionCommand(), doctorCommand(),
        gatewaysCommand(), listenCommand(),      mintTokenCommand(),  publishCommand(),
        reserveCommand(),  restoreCommand(),     socketsCommand(),
    };
    return all;
}

} // namespace mws::cli
