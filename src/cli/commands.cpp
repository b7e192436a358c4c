#include "cli/commands.h"

namespace mws::cli {

const std::vector<Command> &commands()
{
    static const std::vector<Command> all{
        backupCommand(),
        checkConfigCommand(),
        restoreCommand(),
    };
    return all;
}

} // namespace mws::cli
