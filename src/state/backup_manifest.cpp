#include "state/backup_manifest.h"

#include "base/iso_time.h"
#include "state/state_files.h"

#include <QCryptographicHash>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <set>

namespace mws {

namespace {

QString qString(std::string_view text)
{
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

Unexpected wrong(std::string what)
{
    return Unexpected(ErrorCode::InvalidData, "the manifest " + std::move(what));
}

bool isDigest(const QString &text)
{
    return text.size() == 64 && QByteArray::fromHex(text.toLatin1()).toHex() == text.toLatin1();
}

} // namespace

std::string compactTimeText(WallTime time)
{
    std::string text = isoTimeInSeconds(time);
    std::replace(text.begin(), text.end(), ':', '-');
    return text;
}

std::string manifestJson(const BackupManifest &manifest)
{
    QJsonArray files;
    for (const BackupManifest::File &file : manifest.files)
        files.append(QJsonObject{{QLatin1String("name"), qString(file.name)},
                                 {QLatin1String("size"), qint64(file.size)},
                                 {QLatin1String("sha256"), qString(file.sha256)},
                                 {QLatin1String("format"), qint64(file.format)}});
    const QJsonObject root{{QLatin1String("format"), BackupManifest::format},
                           {QLatin1String("gateway"), qString(manifest.gateway)},
                           {QLatin1String("created"), qString(manifest.created)},
                           {QLatin1String("files"), files}};
    return QJsonDocument(root).toJson(QJsonDocument::Indented).toStdString();
}

Result<BackupManifest> parseManifest(std::string_view json)
{
    const QJsonDocument document = QJsonDocument::fromJson(QByteArray(json.data(), qsizetype(json.size())));
    const QJsonObject root = document.object();
    const QJsonValue format = root.value(QLatin1String("format"));
    if (!format.isDouble() || !root.value(QLatin1String("files")).isArray())
        return wrong("is not one of a backup of this program");
    if (format.toInteger() != BackupManifest::format)
        return wrong("has format " + std::to_string(format.toInteger()) + ", and this version knows only " +
                     std::to_string(BackupManifest::format));
    BackupManifest manifest;
    manifest.gateway = root.value(QLatin1String("gateway")).toString().toStdString();
    manifest.created = root.value(QLatin1String("created")).toString().toStdString();
    std::set<std::string> names;
    for (const QJsonValue &value : root.value(QLatin1String("files")).toArray()) {
        BackupManifest::File file;
        file.name = value[QLatin1String("name")].toString().toStdString();
        file.format = value[QLatin1String("format")].toInteger();
        const qint64 size = value[QLatin1String("size")].toInteger(-1);
        const QString digest = value[QLatin1String("sha256")].toString();
        const StateFile *known = findStateFile(file.name);
        if (!known || !names.insert(file.name).second || size < 0 || !isDigest(digest))
            return wrong("names a file that it cannot: \"" + file.name + '"');
        if (file.format < 1 || file.format > known->format)
            return wrong("says that " + file.name + " has format " + std::to_string(file.format) +
                         ", and this version knows only " + std::to_string(known->format) +
                         "; restore it with gateway " + manifest.gateway + " or newer");
        file.size = uint64_t(size);
        file.sha256 = digest.toStdString();
        manifest.files.push_back(std::move(file));
    }
    return manifest;
}

Result<std::string> sha256OfFile(const std::string &path)
{
    QFile file(QFile::decodeName(path.c_str()));
    QCryptographicHash hash(QCryptographicHash::Sha256);
    if (!file.open(QIODevice::ReadOnly) || !hash.addData(&file))
        return Unexpected(ErrorCode::Unavailable,
                          path + " cannot be read: " + file.errorString().toStdString());
    return hash.result().toHex().toStdString();
}

} // namespace mws
