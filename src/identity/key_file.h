#pragma once

#include "mws/base/result.h"

#include <cstdint>
#include <optional>
#include <string>

namespace mws {

/// What tells one state of a file from another without reading it.
struct FileStamp
{
    uint64_t device = 0;
    uint64_t inode = 0;
    int64_t size = 0;
    int64_t modified = 0; ///< nanoseconds since 1970
    friend bool operator==(const FileStamp &, const FileStamp &) = default;
};

/// Nothing if there is no regular file (links are followed). Thread: any.
std::optional<FileStamp> stampOf(const std::string &path);

/// The whole of a regular file of at most `most` bytes.
/// Errors: Internal with path and reason. Thread: any; blocks as the disk does.
Result<std::string> readKeyFile(const std::string &path, size_t most);

} // namespace mws
