#pragma once

#include "mws/base/clock.h"
#include "mws/base/result.h"
#include "state/backup_manifest.h"

#include <filesystem>
#include <string>

namespace mws {

/// A backup of a state folder.
struct BackupReport
{
    std::filesystem::path file;
    BackupManifest manifest;
};

/// Copies a state folder into one tar file (mode 0600), also while a gateway runs on it: each database as of
/// one moment, gateways.json as it was stored last. What the gateway has not written yet is not in it (tokens
/// and events of the last second). `target`: a file that is not there yet, or a folder, in which it gets the
/// name mws-gateway-DATE.tar. `version`: of this program. Errors: Unavailable, Conflict, Internal with path
/// and reason; then there is no file.
Result<BackupReport> backupState(const std::filesystem::path &stateDir, const std::filesystem::path &target,
                                 const std::string &version, WallTime now);

} // namespace mws
