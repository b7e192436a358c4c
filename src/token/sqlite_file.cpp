#include "token/sqlite_file.h"

#include "token/sqlite_statement.h"

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

/// Refuses what must not be written to, without writing itself.
Result<void> SqliteFile::inspect(const std::filesystem::path &file, const Format &format)
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
    if (version.number(0) != format.version)
        return unusable(file, "format " + std::to_string(version.number(0)) +
                                  ", but this version knows only " + std::to_string(format.version));
    return {};
}

Result<SqliteFile> SqliteFile::open(const std::filesystem::path &file, const Format &format)
{
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (!error && size > 0) {
        if (auto inspected = inspect(file, format); !inspected)
            return Unexpected(inspected.error());
    }
    if (auto made = makePrivate(file); !made)
        return Unexpected(made.error());
    auto handle = connect(file, Access::Write);
    if (!handle)
        return Unexpected(handle.error());
    SqliteFile database(file, std::move(*handle));
    if (auto prepared = database.prepare(format); !prepared)
        return Unexpected(prepared.error());
    return database;
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
