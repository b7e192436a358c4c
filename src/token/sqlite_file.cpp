#include "token/sqlite_file.h"

#include "mws/base/log.h"
#include "token/sqlite_statement.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace mws {

namespace {

constexpr std::chrono::milliseconds lockPatience{2000};
constexpr const char *metaTable =
    "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID";

Unexpected unusable(const std::filesystem::path &file, std::string_view reason)
{
    return Unexpected(ErrorCode::Unavailable, file.string() + ": " + std::string(reason));
}

const SqliteFile::Upgrade *findUpgrade(const SqliteFile::Format &format, int64_t from)
{
    const auto it = std::find_if(format.upgrades.begin(), format.upgrades.end(),
                                 [from](const SqliteFile::Upgrade &step) { return step.from == from; });
    return it == format.upgrades.end() ? nullptr : &*it;
}

/// Makes an empty file, or closes an existing one to others: it names users.
Result<void> makePrivate(const std::filesystem::path &file)
{
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return unusable(file, std::strerror(errno)); // NOLINT(concurrency-mt-unsafe): start of the service
    ::fchmod(descriptor, 0600);
    ::close(descriptor);
    return {};
}

} // namespace

void SqliteFile::Close::operator()(sqlite3 *database) const
{
    sqlite3_close_v2(database);
}

Result<SqliteFile::Handle> SqliteFile::connect(const std::filesystem::path &file, Access access)
{
    sqlite3 *database = nullptr;
    const int flags = access == Access::Inspect ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    const int code = sqlite3_open_v2(file.c_str(), &database, flags, nullptr);
    Handle handle(database);
    if (code != SQLITE_OK)
        return unusable(file, sqlite3_errstr(code));
    sqlite3_busy_timeout(database, int(lockPatience.count()));
    return handle;
}

Result<int64_t> SqliteFile::formatOf(const std::filesystem::path &file, const Format &format)
{
    auto handle = connect(file, Access::Inspect);
    if (!handle)
        return Unexpected(handle.error());
    SqliteStatement check(handle->get(), "PRAGMA quick_check(1)");
    if (check.step() != SQLITE_ROW)
        return unusable(file, sqlite3_errmsg(handle->get()));
    if (const std::string found = check.text(0); found != "ok")
        return unusable(file, "damaged: " + found);
    SqliteStatement version(handle->get(), "SELECT value FROM meta WHERE key = 'version'");
    if (version.step() != SQLITE_ROW)
        return unusable(file, "not " + std::string(format.what));
    const int64_t found = version.number(0);
    if (found > format.version)
        return Unexpected(ErrorCode::Internal,
                          file.string() + ": format " + std::to_string(found) +
                              " is of a newer version of the gateway, this one knows up to " +
                              std::to_string(format.version) + "; it is left as it is");
    for (int64_t old = found; old < format.version; ++old)
        if (!findUpgrade(format, old))
            return unusable(file, "format " + std::to_string(found) + " is not known");
    return found;
}

Result<SqliteFile> SqliteFile::open(const std::filesystem::path &file, const Format &format)
{
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    int64_t found = format.version;
    if (!error && size > 0) {
        const Result<int64_t> inspected = formatOf(file, format);
        if (!inspected)
            return Unexpected(inspected.error());
        found = *inspected;
    }
    if (auto made = makePrivate(file); !made)
        return Unexpected(made.error());
    auto handle = connect(file, Access::Write);
    if (!handle)
        return Unexpected(handle.error());
    SqliteFile database(file, std::move(*handle));
    if (found < format.version)
        if (auto upgraded = database.upgrade(format, found); !upgraded)
            return Unexpected(upgraded.error());
    if (auto prepared = database.prepare(format); !prepared)
        return Unexpected(prepared.error());
    return database;
}

/// All steps are one transaction, so that a file is of one format or the other.
Result<void> SqliteFile::upgrade(const Format &format, int64_t found)
{
    std::filesystem::path kept = m_file;
    kept += ".format-" + std::to_string(found);
    std::filesystem::path part = kept;
    part += ".part";
    std::error_code error;
    std::filesystem::remove(part, error);
    if (Result<void> copied = copy(m_file, part); !copied)
        return copied;
    std::filesystem::rename(part, kept, error);
    if (error)
        return unusable(kept, error.message());
    std::string steps = "BEGIN IMMEDIATE;";
    for (int64_t old = found; old < format.version; ++old)
        (steps += findUpgrade(format, old)->sql) += ';';
    steps += "UPDATE meta SET value = " + std::to_string(format.version) + " WHERE key = 'version'; COMMIT";
    if (Result<void> done = run(steps.c_str()); !done) {
        (void)run("ROLLBACK");
        return done;
    }
    log(LogLevel::Info, "state file upgraded",
        {{"file", m_file.string()}, {"from", found}, {"to", format.version}, {"kept", kept.string()}});
    return {};
}

Result<void> SqliteFile::copy(const std::filesystem::path &file, const std::filesystem::path &target)
{
    if (std::filesystem::exists(target))
        return unusable(target, "is there already");
    auto source = connect(file, Access::Inspect);
    if (!source)
        return Unexpected(source.error());
    if (auto made = makePrivate(target); !made)
        return made;
    auto copied = connect(target, Access::Write);
    if (!copied)
        return Unexpected(copied.error());
    sqlite3_backup *backup = sqlite3_backup_init(copied->get(), "main", source->get(), "main");
    // All pages at once: one moment. Who writes meanwhile writes to the WAL and is not held up.
    int code = backup ? sqlite3_backup_step(backup, -1) : SQLITE_ERROR;
    if (backup)
        sqlite3_backup_finish(backup);
    if (code == SQLITE_DONE)
        code = sqlite3_exec(copied->get(), "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        return unusable(file, std::string("cannot be copied: ") + sqlite3_errstr(code));
    return {};
}

Unexpected SqliteFile::failed() const
{
    return unusable(m_file, sqlite3_errmsg(m_handle.get()));
}

Result<void> SqliteFile::run(const char *sql)
{
    if (sqlite3_exec(m_handle.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return failed();
    return {};
}

Result<void> SqliteFile::prepare(const Format &format)
{
    const std::string version =
        "INSERT OR IGNORE INTO meta VALUES ('version', " + std::to_string(format.version) + "); COMMIT";
    for (const char *sql : {"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
                            metaTable, format.schema, version.c_str()})
        if (auto done = run(sql); !done)
            return done;
    return {};
}

} // namespace mws
