#include "events/event_database.h"

#include "mws/base/log.h"
#include "token/sqlite_statement.h"

namespace mws {

namespace {

constexpr const char *schema = R"(
    CREATE TABLE IF NOT EXISTS event (
        sequence INTEGER PRIMARY KEY, gateway TEXT NOT NULL, id TEXT NOT NULL, socket TEXT NOT NULL,
        type INTEGER NOT NULL, user TEXT NOT NULL, created INTEGER NOT NULL, held INTEGER NOT NULL,
        body TEXT NOT NULL);
)";
constexpr int64_t notHeld = -1;

int64_t milliseconds(WallTime time)
{
    return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

WallTime wallTime(int64_t milliseconds)
{
    return WallTime(std::chrono::milliseconds(milliseconds));
}

/// Columns in the order of `event`.
std::optional<QueuedEvent> unpack(const SqliteStatement &row)
{
    const auto socket = SocketId::parse(row.text(3));
    const int64_t type = row.number(4);
    if (!socket || type < 0 || type > int64_t(EventType::Message))
        return std::nullopt;
    QueuedEvent event;
    event.sequence = uint64_t(row.number(0));
    event.id = row.text(2);
    event.socket = *socket;
    event.type = EventType(type);
    event.user = row.text(5);
    event.created = wallTime(row.number(6));
    if (row.number(7) != notHeld)
        event.heldUntil = wallTime(row.number(7));
    event.body = row.text(8);
    return event;
}

} // namespace

const SqliteFile::Format eventDatabaseFormat{"a queue of events", 1, schema};

Result<std::unique_ptr<EventDatabase>> EventDatabase::open(const std::filesystem::path &folder)
{
    auto file = SqliteFile::open(folder / "events.sqlite", eventDatabaseFormat);
    if (!file)
        return Unexpected(file.error());
    return std::unique_ptr<EventDatabase>(new EventDatabase(std::move(*file)));
}

Result<void> EventDatabase::load(const std::function<void(const GatewayId &, QueuedEvent)> &take)
{
    SqliteStatement rows(m_file.handle(),
                         "SELECT sequence, gateway, id, socket, type, user, created, held, body "
                         "FROM event ORDER BY sequence");
    int step = SQLITE_DONE;
    while ((step = rows.step()) == SQLITE_ROW) {
        if (auto event = unpack(rows)) {
            take(rows.text(1), *std::move(event));
        } else {
            log(LogLevel::Warning, "stored event was not readable", {{"file", m_file.path().string()}});
            m_removed.insert(uint64_t(rows.number(0)));
        }
    }
    return step == SQLITE_DONE ? Result<void>() : m_file.failed();
}

void EventDatabase::add(const GatewayId &gateway, const QueuedEvent &event)
{
    m_added.emplace(event.sequence, Added{gateway, event});
}

void EventDatabase::remove(uint64_t sequence)
{
    if (m_added.erase(sequence) == 0)
        m_removed.insert(sequence);
}

Result<void> EventDatabase::write()
{
    if (!hasPending())
        return {};
    Result<void> result = m_file.run("BEGIN IMMEDIATE");
    if (!result)
        return result;
    result = store();
    if (result)
        result = m_file.run("COMMIT");
    if (!result) {
        (void)m_file.run("ROLLBACK"); // fails where SQLite has already rolled back
        return result;
    }
    m_added.clear();
    m_removed.clear();
    return {};
}

Result<void> EventDatabase::store()
{
    SqliteStatement insert(m_file.handle(), "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    SqliteStatement erase(m_file.handle(), "DELETE FROM event WHERE sequence = ?");
    for (const auto &[sequence, added] : m_added) {
        const QueuedEvent &event = added.event;
        insert.bind(int64_t(sequence)).bind(added.gateway).bind(event.id).bind(event.socket.view());
        insert.bind(int64_t(event.type)).bind(event.user).bind(milliseconds(event.created));
        insert.bind(event.heldUntil ? milliseconds(*event.heldUntil) : notHeld).bind(event.body);
        if (!insert.run())
            return m_file.failed();
    }
    for (const uint64_t sequence : m_removed)
        if (!erase.bind(int64_t(sequence)).run())
            return m_file.failed();
    return {};
}

} // namespace mws
