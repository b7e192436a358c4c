#pragma once

#include "config/command_line.h"

#include <optional>
#include <string>
#include <vector>

namespace mws {

/// `--print-table NAME`, a flag that --help does not show: a page of the documentation that is made from one
/// of the code's own tables, as Markdown. `list` prints a line for each: its name and its file in the
/// repository. An unknown name ends with 2 and the names. None: the arguments ask for something else.
std::optional<ProgramExit> printDocumentTable(const std::vector<std::string> &arguments);

} // namespace mws
