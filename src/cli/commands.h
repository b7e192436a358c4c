#pragma once

#include "cli/command.h"

#include <vector>

namespace mws::cli {

/// All commands but `serve`, in the order of the help. A new one is a file with a function that answers a
/// Command, declared here, and a line in commands.cpp.
const std::vector<Command> &commands();

Command backupCommand();
Command checkConfigCommand();
Command completionCommand();
Command doctorCommand();
Command gatewaysCommand();
Command listenCommand();
Command mintTokenCommand();
Command publishCommand();
Command reserveCommand();
Command restoreCommand();
Command socketsCommand();

} // namespace mws::cli
