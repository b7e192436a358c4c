#pragma once

#include "mws/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

struct sqlite3;

namespace mws {

/// An SQLite database of this program in the state folder: WAL, a `meta` table with the format's version,
/// readable by its owner only. Thread: one at a time.
class SqliteFile
{
public:
    /// Statements that make a file of one format one of the next.
    struct Upgrade
    {
        int64_t from;
        const char *sql;
    };
    struct Format
    {
        std::string_view what; ///< e.g. `a token journal`
        int64_t version;
        const char *schema;                     ///< statements that make what is not there
        std::span<const Upgrade> upgrades = {}; ///< one for each older version
    };
    /// Opens the file or makes it. One of an older format is upgraded, and a copy of it kept beside it
    /// (`tokens.sqlite.format-1`). Errors: Unavailable with path and reason; Internal for a newer format. A
    /// file that is damaged, is none of ours or is of a newer format is not written to.
    static Result<SqliteFile> open(const std::filesystem::path &file, const Format &format);

    /// The version of the format that a file has, not newer than `format`. Writes nothing. Errors: as open().
    static Result<int64_t> formatOf(const std::filesystem::path &file, const Format &format);
    /// Copies a file as of one moment, also one that is written to, into `target`, which is not there yet and
    /// whole in itself then (no WAL); mode 0600. Errors: Unavailable.
    static Result<void> copy(const std::filesystem::path &file, const std::filesystem::path &target);

    /// Runs statements that give no rows. Errors: Unavailable.
    Result<void> run(const char *sql);
    /// The last error of SQLite, with the path.
    Unexpected failed() const;
    sqlite3 *handle() const { return m_handle.get(); }
    const std::filesystem::path &path() const { return m_file; }

private:
    struct Close
    {
        void operator()(sqlite3 *database) const;
    };
    using Handle = std::unique_ptr<sqlite3, Close>;
    enum class Access { Inspect, Write };

    SqliteFile(std::filesystem::path file, Handle handle)
        : m_file(std::move(file)), m_handle(std::move(handle))
    {}
    static Result<Handle> connect(const std::filesystem::path &file, Access access);
    Result<void> upgrade(const Format &format, int64_t found);
    Result<void> prepare(const Format &format);

    std::filesystem::path m_file;
    Handle m_handle;
};

} // namespace mws
