#pragma once

#include "mws/base/result.h"

#include <QByteArray>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

class QJsonObject;

namespace mws {

/// The format of a JSON file that is kept over versions of the program: its root has a number `version`.
struct JsonFormat
{
    int version;
    /// Each makes a root of one version one of the next; the first is for version 1.
    std::span<void (*const)(QJsonObject &root)> upgrades = {};
};

/// Brings `root` to the newest version. Answers which it had. Errors: InvalidData with the reason, also for a
/// newer one; `root` is unchanged then.
Result<int> upgradeJson(QJsonObject &root, const JsonFormat &format);

/// Replaces a file of an older format by one of the newest (mode 0600), and keeps a copy of it beside it
/// (`gateways.json.format-1`). Any other file, and what is no JSON, is left as it is. Errors: Unavailable
/// with path and reason where nothing can be written.
Result<void> upgradeJsonFile(const std::filesystem::path &path, const JsonFormat &format);

} // namespace mws
