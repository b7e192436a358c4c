#pragma once

#include "mws/base/result.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace mws {

/// A file of the state folder.
struct StateFile
{
    std::string_view name; ///< in the folder
    int64_t format;        ///< the newest; docs/upgrading.md has a note for each
    /// The format of such a file, whose content is looked at. Errors: as of whoever reads it.
    Result<int64_t> (*formatOf)(const std::filesystem::path &file);
    /// Copies it as of one moment, also while a gateway writes to it.
    Result<void> (*copy)(const std::filesystem::path &file, const std::filesystem::path &target);
};

/// All that a backup has; the databases first, so that a backup's gateways are no older than its tokens.
std::span<const StateFile> stateFiles();
/// Null if there is no such file.
const StateFile *findStateFile(std::string_view name);

} // namespace mws
