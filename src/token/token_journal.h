#pragma once

#include "mws/base/result.h"
#include "token/reservation_table.h"

#include <filesystem>
#include <memory>

namespace mws {

/// Keeps open reservations and ended token ids in an SQLite database under the state folder (tokens.sqlite,
/// WAL, a `meta` table with the format's version). Written behind by a thread of its own, in one transaction
/// about every 500 ms: a crash may forget the last second. Where the disk takes nothing, up to 200,000 events
/// wait (400,000 that end a token), more are dropped and counted in the log. Thread: the observer's calls
/// from any thread; all else from the thread that made it.
class TokenJournal final : public ReservationObserver
{
public:
    /// Opens or makes the database. Errors: Unavailable with path and reason, also for a file that is no
    /// database or of a newer format; it is then left as it is.
    static Result<std::unique_ptr<TokenJournal>> open(const std::filesystem::path &folder);
    ~TokenJournal() override; ///< writes what is left, then ends the thread

    /// Fills `table` with what is stored and has not expired, and prunes the rest. Call once, before the
    /// first claim.
    Result<void> load(ReservationTable &table, WallTime now);
    /// Waits until all that was observed before is on disk, or could not be written (it is kept and tried
    /// again).
    void flush();

    void reserved(const GatewayId &gateway, const Reservation &reservation) override;
    void ended(const GatewayId &gateway, const std::string &tokenId, WallTime expiresAt) override;
    void forgotten(const GatewayId &gateway) override;

private:
    TokenJournal();
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace mws
