#pragma once

#include "mws/base/result.h"
#include "token/reservation_table.h"
#include "token/sqlite_file.h"

#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace mws {

/// Of tokens.sqlite; docs/upgrading.md has a note for each version.
extern const SqliteFile::Format tokenDatabaseFormat;

/// What a ReservationObserver was told, in the order in which it was told it.
struct TokenEvent
{
    enum class Kind { Reserved, Ended, Forgotten };
    Kind kind;
    GatewayId gateway;
    Reservation reservation; ///< of Ended: only tokenId and expiresAt; of Forgotten: nothing
};

/// The SQLite file behind TokenJournal.
/// Thread: one at a time.
class TokenDatabase
{
public:
    /// Opens the file or makes it, readable by its owner only. Errors: Unavailable with path and reason. A
    /// file that is damaged, is none of ours or is of a newer format is not written to.
    static Result<std::unique_ptr<TokenDatabase>> open(const std::filesystem::path &file);

    /// Stores all of `events`, or nothing. Errors: Unavailable.
    Result<void> write(std::span<const TokenEvent> events);
    /// Puts into `table` what has not expired. Errors: Unavailable.
    Result<void> load(ReservationTable &table, WallTime now);
    /// Drops what has expired. Errors: Unavailable.
    Result<void> prune(WallTime now);

private:
    explicit TokenDatabase(SqliteFile file) : m_file(std::move(file)) {}
    Result<void> store(std::span<const TokenEvent> events);

    SqliteFile m_file;
};

} // namespace mws
