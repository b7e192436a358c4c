#pragma once

#include "events/event_queue.h"
#include "mws/base/result.h"
#include "token/sqlite_file.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>

namespace mws {

/// Of events.sqlite; docs/upgrading.md has a note for each version.
extern const SqliteFile::Format eventDatabaseFormat;

/// Events that wait, in an SQLite file of the state folder (events.sqlite), written behind: what came and
/// left between two calls of write() never gets there. Thread: one at a time.
class EventDatabase
{
public:
    /// Opens or makes the file. Errors: Unavailable with path and reason; a file that is damaged, is none of
    /// ours or is of a newer format is left as it is.
    static Result<std::unique_ptr<EventDatabase>> open(const std::filesystem::path &folder);

    /// Hands over what is stored, the oldest first. Errors: Unavailable.
    Result<void> load(const std::function<void(const GatewayId &, QueuedEvent)> &take);

    void add(const GatewayId &gateway, const QueuedEvent &event);
    void remove(uint64_t sequence);
    bool hasPending() const { return !m_added.empty() || !m_removed.empty(); }
    /// Stores what was added and removed since, all of it or nothing; what could not be stored is tried with
    /// the next call. Errors: Unavailable.
    Result<void> write();

private:
    explicit EventDatabase(SqliteFile file) : m_file(std::move(file)) {}
    Result<void> store();

    struct Added
    {
        GatewayId gateway;
        QueuedEvent event;
    };
    SqliteFile m_file;
    std::map<uint64_t, Added> m_added;
    std::set<uint64_t> m_removed; ///< of those that are in the file
};

} // namespace mws
