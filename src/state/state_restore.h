#pragma once

#include "mws/base/clock.h"
#include "mws/base/result.h"
#include "state/backup_manifest.h"

#include <filesystem>

namespace mws {

/// What to do where the state folder has files of a gateway.
enum class ExistingState {
    Refuse,
    Replace, ///< they are kept in a folder in it
};

/// What a restore did.
struct RestoreReport
{
    BackupManifest manifest;
    std::filesystem::path kept; ///< where the files from before are; empty: there were none
};

/// Puts a backup of backupState() into a state folder, which it makes at need. All of it is read, compared
/// with its manifest and looked at as the gateway would before anything changes. If it is cut off, either
/// nothing has changed, or finishRestore() goes on with it. Errors: Conflict where a gateway runs on the
/// folder or it has files; InvalidData for what is no good backup or of a newer format; Unavailable.
Result<RestoreReport> restoreState(const std::filesystem::path &file, const std::filesystem::path &stateDir,
                                   ExistingState existing, WallTime now);

/// Ends a restore that was cut off; call it under the folder's lock before the folder is read. Errors:
/// Unavailable.
Result<void> finishRestore(const std::filesystem::path &stateDir);

} // namespace mws
