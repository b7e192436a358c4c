#pragma once

#include "mws/base/clock.h"
#include "mws/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// What a backup says of itself, its first entry (`manifest.json`).
struct BackupManifest
{
    static constexpr int format = 1;
    static constexpr std::string_view name = "manifest.json";

    struct File
    {
        std::string name;
        uint64_t size = 0;
        std::string sha256; ///< hexadecimal
        int64_t format = 0; ///< of the file
        friend bool operator==(const File &, const File &) = default;
    };
    std::string gateway; ///< the version that made it
    std::string created; ///< ISO 8601, UTC
    std::vector<File> files;
    friend bool operator==(const BackupManifest &, const BackupManifest &) = default;
};

/// A time as a part of a file's name: `2026-12-01T08-00-00Z`
std::string compactTimeText(WallTime time);

std::string manifestJson(const BackupManifest &manifest);
/// Errors: InvalidData with what is wrong, also for a newer format and for files that are not known.
Result<BackupManifest> parseManifest(std::string_view json);

/// Hexadecimal. Errors: Unavailable if the file cannot be read.
Result<std::string> sha256OfFile(const std::string &path);

} // namespace mws
