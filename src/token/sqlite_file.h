#pragma once

#include "mws/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

struct sqlite3;

namespace mws {

/// An SQLite database of this program in the state folder: WAL, a `meta` table with the format's version,
/// readable by its owner only. Thread: one at a time.
class SqliteFile
{
public:
    struct Format
    {
        std::string_view what; ///< e.g. `a token journal`
        int64_t version;
        const char *schema; ///< statements that make what is not there
    };
    /// Opens the file or makes it. Errors: Unavailable with path and reason. A file that is damaged, is none
    /// of ours or is of a newer format is not written to.
    static Result<SqliteFile> open(const std::filesystem::path &file, const Format &format);

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
    static Result<void> inspect(const std::filesystem::path &file, const Format &format);
    Result<void> prepare(const Format &format);

    std::filesystem::path m_file;
    Handle m_handle;
};

} // namespace mws
