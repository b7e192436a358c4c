#include "state/state_restore.h"

#include "config/gateway_state.h"
#include "state/state_files.h"
#include "state/state_lock.h"
#include "state/tar_file.h"

#include <QFile>
#include <algorithm>
#include <array>
#include <fcntl.h>
#include <set>
#include <unistd.h>

namespace mws {

namespace {

// Folders in the state folder: a rename within it works also where it is a mount point.
constexpr const char *partFolder = "restore.part";   // may be anything
constexpr const char *readyFolder = "restore.ready"; // whole and checked, with manifest.json and `kept`
constexpr const char *keptFile = "kept";             // the name of the folder for the files from before
constexpr size_t manifestBytes = 65536;

Unexpected unavailable(const std::filesystem::path &path, const std::string &reason)
{
    return Unexpected(ErrorCode::Unavailable, path.string() + ": " + reason);
}

Unexpected invalid(const std::filesystem::path &path, const std::string &reason)
{
    return Unexpected(ErrorCode::InvalidData, path.string() + ": " + reason);
}

void syncFolder(const std::filesystem::path &folder)
{
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    ::fsync(descriptor);
    ::close(descriptor);
}

Result<void> writeText(const std::filesystem::path &path, const std::string &text)
{
    QFile file(QFile::decodeName(path.c_str()));
    const bool written = file.open(QIODevice::WriteOnly | QIODevice::NewOnly,
                                   QFileDevice::ReadOwner | QFileDevice::WriteOwner) &&
                         file.write(QByteArray::fromStdString(text)) == qint64(text.size()) && file.flush() &&
                         ::fsync(file.handle()) == 0;
    return written ? Result<void>() : unavailable(path, file.errorString().toStdString());
}

std::string readText(const std::filesystem::path &path)
{
    QFile file(QFile::decodeName(path.c_str()));
    return file.open(QIODevice::ReadOnly) ? file.read(manifestBytes).toStdString() : std::string();
}

/// With what SQLite keeps beside it, which must never meet another database.
std::vector<std::string> filesOf(std::string_view name)
{
    const std::string text(name);
    return {text, text + "-wal", text + "-shm"};
}

std::vector<std::string> existingFiles(const std::filesystem::path &stateDir)
{
    std::vector<std::string> found;
    for (const StateFile &file : stateFiles())
        for (const std::string &name : filesOf(file.name))
            if (std::filesystem::exists(stateDir / name))
                found.push_back(name);
    return found;
}

/// The first entry of a backup.
Result<BackupManifest> readManifest(TarReader &tar, const std::filesystem::path &file)
{
    const auto first = tar.next();
    if (!first)
        return Unexpected(first.error());
    if (!*first || (*first)->name != BackupManifest::name)
        return invalid(file, "is no backup of this program: it does not begin with a manifest");
    const Result<std::string> text = tar.text(manifestBytes);
    if (!text)
        return Unexpected(text.error());
    auto manifest = parseManifest(*text);
    return manifest ? std::move(manifest) : invalid(file, manifest.error().detail);
}

Result<void> extractFile(TarReader &tar, const BackupManifest::File &wanted,
                         const std::filesystem::path &file, const std::filesystem::path &folder)
{
    const std::filesystem::path target = folder / wanted.name;
    if (const Result<void> copied = tar.copyTo(target); !copied)
        return copied;
    const Result<std::string> digest = sha256OfFile(target.string());
    if (!digest)
        return Unexpected(digest.error());
    if (*digest != wanted.sha256)
        return invalid(file, wanted.name + " is not what the manifest says: the backup is damaged");
    if (const auto format = findStateFile(wanted.name)->formatOf(target); !format)
        return invalid(file, format.error().detail);
    return {};
}

/// Every file that the manifest names, once, and nothing else.
Result<BackupManifest> extract(const std::filesystem::path &file, const std::filesystem::path &folder)
{
    Result<TarReader> tar = TarReader::open(file);
    if (!tar)
        return Unexpected(tar.error());
    Result<BackupManifest> manifest = readManifest(*tar, file);
    if (!manifest)
        return manifest;
    std::vector<BackupManifest::File> missing = manifest->files;
    for (;;) {
        const auto entry = tar->next();
        if (!entry)
            return Unexpected(entry.error());
        if (!*entry)
            break;
        const auto wanted = std::find_if(missing.begin(), missing.end(), [&entry](const auto &candidate) {
            return candidate.name == (*entry)->name && candidate.size == (*entry)->size;
        });
        if (wanted == missing.end())
            return invalid(file, (*entry)->name + " is not what the manifest says: the backup is damaged");
        if (const Result<void> extracted = extractFile(*tar, *wanted, file, folder); !extracted)
            return Unexpected(extracted.error());
        missing.erase(wanted);
    }
    if (!missing.empty())
        return invalid(file, missing.front().name + " is missing in it: the backup is damaged");
    return manifest;
}

/// Fills the folder for the part, and says with its name that it is whole.
Result<BackupManifest> makeReady(const std::filesystem::path &file, const std::filesystem::path &stateDir,
                                 const std::string &kept)
{
    const std::filesystem::path part = stateDir / partFolder;
    std::error_code error;
    std::filesystem::remove_all(part, error);
    if (const Result<void> made = makeStateFolder(part); !made)
        return Unexpected(made.error());
    Result<BackupManifest> manifest = extract(file, part);
    Result<void> done = manifest ? writeText(part / BackupManifest::name, manifestJson(*manifest))
                                 : Unexpected(manifest.error());
    if (done)
        done = writeText(part / keptFile, kept);
    if (done) {
        syncFolder(part);
        std::filesystem::rename(part, stateDir / readyFolder, error);
        if (error)
            done = unavailable(part, error.message());
    }
    if (!done) {
        std::filesystem::remove_all(part, error);
        return Unexpected(done.error());
    }
    syncFolder(stateDir);
    return manifest;
}

/// Out of the way, into the folder `kept`. What is not there need not be.
Result<void> keep(const std::filesystem::path &stateDir, const std::string &name, const std::string &kept)
{
    for (const std::string &file : filesOf(name)) {
        if (!std::filesystem::exists(stateDir / file))
            continue;
        if (const Result<void> made = makeStateFolder(stateDir / kept); !made)
            return made;
        std::error_code error;
        std::filesystem::rename(stateDir / file, stateDir / kept / file, error);
        if (error)
            return unavailable(stateDir / file, error.message());
    }
    return {};
}

} // namespace

/// A file that is in the manifest and not in the folder any more is in its place already.
Result<void> finishRestore(const std::filesystem::path &stateDir)
{
    const std::filesystem::path ready = stateDir / readyFolder;
    std::error_code error;
    if (!std::filesystem::exists(ready, error))
        return {};
    const Result<BackupManifest> manifest = parseManifest(readText(ready / BackupManifest::name));
    const std::string kept = readText(ready / keptFile);
    if (!manifest || kept.empty())
        return unavailable(ready, "is not a restore that was cut off; take it away");
    std::set<std::string> restored;
    for (const BackupManifest::File &file : manifest->files)
        restored.insert(file.name);
    for (const StateFile &file : stateFiles()) {
        const std::string name(file.name);
        const bool waits = std::filesystem::exists(ready / name);
        if (restored.contains(name) && !waits)
            continue;
        if (const Result<void> done = keep(stateDir, name, kept); !done)
            return done;
        if (waits)
            std::filesystem::rename(ready / name, stateDir / name, error);
        if (error)
            return unavailable(stateDir / name, error.message());
    }
    syncFolder(stateDir);
    std::filesystem::remove_all(ready, error);
    return {};
}

Result<RestoreReport> restoreState(const std::filesystem::path &file, const std::filesystem::path &stateDir,
                                   ExistingState existing, WallTime now)
{
    if (const Result<void> made = makeStateFolder(stateDir); !made)
        return Unexpected(made.error());
    const Result<StateLock> lock = StateLock::take(stateDir);
    if (!lock)
        return Unexpected(lock.error());
    if (const Result<void> finished = finishRestore(stateDir); !finished)
        return Unexpected(finished.error());
    const std::vector<std::string> found = existingFiles(stateDir);
    if (!found.empty() && existing == ExistingState::Refuse)
        return Unexpected(ErrorCode::Conflict,
                          stateDir.string() + " has the state of a gateway already (" + found.front() + ")");
    RestoreReport report;
    const std::string kept = "before-restore-" + compactTimeText(now);
    Result<BackupManifest> manifest = makeReady(file, stateDir, kept);
    if (!manifest)
        return Unexpected(manifest.error());
    report.manifest = *std::move(manifest);
    if (const Result<void> finished = finishRestore(stateDir); !finished)
        return Unexpected(finished.error());
    if (!found.empty())
        report.kept = stateDir / kept;
    return report;
}

} // namespace mws
