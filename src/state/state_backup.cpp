#include "state/state_backup.h"

#include "base/iso_time.h"
#include "state/state_files.h"
#include "state/tar_file.h"

#include <QTemporaryDir>

namespace mws {

namespace {

/// Copies what is there of the folder's files into `work`, and describes it.
Result<std::vector<BackupManifest::File>> copyFiles(const std::filesystem::path &stateDir,
                                                    const std::filesystem::path &work)
{
    std::vector<BackupManifest::File> files;
    for (const StateFile &file : stateFiles()) {
        const std::filesystem::path copy = work / file.name;
        std::error_code error;
        if (std::filesystem::file_size(stateDir / file.name, error) == 0 || error)
            continue; // an empty database is none yet
        if (const Result<void> copied = file.copy(stateDir / file.name, copy); !copied)
            return Unexpected(copied.error());
        const Result<int64_t> format = file.formatOf(copy);
        if (!format)
            return Unexpected(format.error());
        const Result<std::string> digest = sha256OfFile(copy.string());
        if (!digest)
            return Unexpected(digest.error());
        files.push_back({std::string(file.name), std::filesystem::file_size(copy), *digest, *format});
    }
    return files;
}

Result<void> writeTar(const BackupReport &report, const std::filesystem::path &work, WallTime now)
{
    Result<TarWriter> tar = TarWriter::create(report.file, now);
    if (!tar)
        return Unexpected(tar.error());
    Result<void> done = tar->add(BackupManifest::name, manifestJson(report.manifest));
    for (const BackupManifest::File &file : report.manifest.files)
        if (done)
            done = tar->addFile(file.name, work / file.name);
    if (done)
        done = tar->finish();
    if (!done) {
        std::error_code ignored;
        std::filesystem::remove(report.file, ignored); // it is ours: create() makes only new ones
    }
    return done;
}

} // namespace

Result<BackupReport> backupState(const std::filesystem::path &stateDir, const std::filesystem::path &target,
                                 const std::string &version, WallTime now)
{
    std::error_code error;
    if (!std::filesystem::is_directory(stateDir, error))
        return Unexpected(ErrorCode::Unavailable,
                          stateDir.string() + " is no folder: there is nothing to back up");
    BackupReport report;
    report.file = std::filesystem::is_directory(target, error)
                      ? target / ("mws-gateway-" + compactTimeText(now) + ".tar")
                      : target;
    report.manifest.gateway = version;
    report.manifest.created = isoTimeInSeconds(now);
    if (std::filesystem::exists(report.file, error))
        return Unexpected(ErrorCode::Conflict, report.file.string() + " is there already");
    // Beside the target: there must be room for it there, and it is as private.
    const std::filesystem::path beside = report.file.has_parent_path() ? report.file.parent_path() : ".";
    const QTemporaryDir work(QFile::decodeName((beside / ".mws-backup-XXXXXX").c_str()));
    if (!work.isValid())
        return Unexpected(ErrorCode::Unavailable,
                          beside.string() + " cannot be written: " + work.errorString().toStdString());
    const std::filesystem::path folder = QFile::encodeName(work.path()).toStdString();
    auto files = copyFiles(stateDir, folder);
    if (!files)
        return Unexpected(files.error());
    report.manifest.files = *std::move(files);
    if (const Result<void> written = writeTar(report, folder, now); !written)
        return Unexpected(written.error());
    return report;
}

} // namespace mws
