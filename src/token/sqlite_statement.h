#pragma once

#include "mws/base/clock.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <sqlite3.h>
#include <string>
#include <string_view>

namespace mws {

/// A prepared statement of SQLite. One that could not be prepared fails at every step.
/// Thread: one at a time.
class SqliteStatement
{
public:
    SqliteStatement(sqlite3 *database, std::string_view sql)
    {
        sqlite3_stmt *statement = nullptr;
        sqlite3_prepare_v2(database, sql.data(), int(sql.size()), &statement, nullptr);
        m_statement.reset(statement);
    }

    /// Binds the next parameter. The text must live until the statement is reset or gone.
    SqliteStatement &bind(std::string_view text)
    {
        sqlite3_bind_text(m_statement.get(), ++m_bound, text.data(), int(text.size()), SQLITE_STATIC);
        return *this;
    }
    SqliteStatement &bind(int64_t number)
    {
        sqlite3_bind_int64(m_statement.get(), ++m_bound, number);
        return *this;
    }
    /// As whole seconds since 1970.
    SqliteStatement &bind(WallTime time)
    {
        return bind(int64_t(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count()));
    }

    /// SQLITE_ROW, SQLITE_DONE or an error.
    int step() { return m_statement ? sqlite3_step(m_statement.get()) : SQLITE_ERROR; }
    /// Runs a statement that gives no rows, and makes it ready for other parameters; false on an error.
    bool run()
    {
        const bool done = step() == SQLITE_DONE;
        sqlite3_reset(m_statement.get());
        m_bound = 0;
        return done;
    }

    /// Columns of the row of the last step().
    std::string text(int column) const
    {
        const auto *bytes = reinterpret_cast<const char *>(sqlite3_column_text(m_statement.get(), column));
        return bytes ? std::string(bytes, size_t(sqlite3_column_bytes(m_statement.get(), column)))
                     : std::string();
    }
    int64_t number(int column) const { return sqlite3_column_int64(m_statement.get(), column); }
    WallTime time(int column) const { return WallTime(std::chrono::seconds(number(column))); }

private:
    struct Finalize
    {
        void operator()(sqlite3_stmt *statement) const { sqlite3_finalize(statement); }
    };
    std::unique_ptr<sqlite3_stmt, Finalize> m_statement;
    int m_bound = 0;
};

} // namespace mws
