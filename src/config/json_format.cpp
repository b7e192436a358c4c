#include "config/json_format.h"

#include "mws/base/log.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

namespace mws {

namespace {

constexpr QLatin1String versionKey("version");

Result<void> writePrivate(const std::filesystem::path &path, const QByteArray &bytes)
{
    QSaveFile file(QFile::decodeName(path.c_str()));
    const bool written = file.open(QIODevice::WriteOnly) &&
                         file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner) &&
                         file.write(bytes) == bytes.size() && file.commit();
    if (!written)
        return Unexpected(ErrorCode::Unavailable,
                          path.string() + " cannot be written: " + file.errorString().toStdString());
    return {};
}

} // namespace

Result<int> upgradeJson(QJsonObject &root, const JsonFormat &format)
{
    const int found = root.value(versionKey).toInt();
    const int oldest = format.version - int(format.upgrades.size());
    if (found > format.version)
        return Unexpected(ErrorCode::InvalidData,
                          "format " + std::to_string(found) +
                              " is of a newer version of the gateway, this one knows up to " +
                              std::to_string(format.version) + "; it is left as it is");
    if (found < oldest)
        return Unexpected(ErrorCode::InvalidData, "format " + std::to_string(found) + " is not known");
    for (int version = found; version < format.version; ++version)
        format.upgrades[size_t(version - oldest)](root);
    root.insert(versionKey, format.version);
    return found;
}

Result<void> upgradeJsonFile(const std::filesystem::path &path, const JsonFormat &format)
{
    QFile file(QFile::decodeName(path.c_str()));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray before = file.readAll();
    QJsonObject root = QJsonDocument::fromJson(before).object();
    const Result<int> found = upgradeJson(root, format);
    if (!found || *found == format.version)
        return {};
    std::filesystem::path kept = path;
    kept += ".format-" + std::to_string(*found);
    if (Result<void> written = writePrivate(kept, before); !written)
        return written;
    if (Result<void> written = writePrivate(path, QJsonDocument(root).toJson(QJsonDocument::Indented));
        !written)
        return written;
    log(LogLevel::Info, "state file upgraded",
        {{"file", path.string()}, {"from", *found}, {"to", format.version}, {"kept", kept.string()}});
    return {};
}

} // namespace mws
