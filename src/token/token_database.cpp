#include "token/token_database.h"

#include "mws/base/log.h"
#include "token/sqlite_statement.h"

#include <charconv>

namespace mws {

namespace {

/// Rows are only appended, which costs a tenth of finding a place for a random token id; of a token that is
/// in both tables, `ended` is true.
constexpr const char *schema = R"(
    CREATE TABLE IF NOT EXISTS reservation (
        gateway TEXT NOT NULL, token TEXT NOT NULL, socket TEXT NOT NULL, tags TEXT NOT NULL,
        user TEXT NOT NULL, policy INTEGER NOT NULL, reuse INTEGER NOT NULL, issued INTEGER NOT NULL,
        expires INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS ended (gateway TEXT NOT NULL, token TEXT NOT NULL, expires INTEGER NOT NULL);
    CREATE INDEX IF NOT EXISTS reservation_by_expiry ON reservation (expires);
    CREATE INDEX IF NOT EXISTS ended_by_expiry ON ended (expires);
)";

/// Each tag as `length:bytes`: a tag may hold any character.
std::string packTags(const std::vector<Tag> &tags)
{
    std::string text;
    for (const Tag &tag : tags)
        text.append(std::to_string(tag.size())).append(1, ':').append(tag);
    return text;
}

std::optional<std::vector<Tag>> unpackTags(std::string_view text)
{
    std::vector<Tag> tags;
    while (!text.empty()) {
        size_t length = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
        text.remove_prefix(size_t(end - text.data()));
        if (error != std::errc() || text.empty() || text.front() != ':' || length > text.size() - 1)
            return std::nullopt;
        tags.emplace_back(text.substr(1, length));
        text.remove_prefix(1 + length);
    }
    return tags;
}

/// -1: the gateway's.
int64_t packPolicy(std::optional<ClientMessages> policy)
{
    return policy ? int64_t(*policy) : -1;
}

std::optional<ClientMessages> unpackPolicy(int64_t number)
{
    if (number < 0 || number > int64_t(ClientMessages::Webhook))
        return std::nullopt;
    return ClientMessages(number);
}

/// Columns in the order of `reservation`.
std::optional<Reservation> unpackReservation(const SqliteStatement &row)
{
    const auto socketId = SocketId::parse(row.text(2));
    auto tags = unpackTags(row.text(3));
    if (!socketId || !tags)
        return std::nullopt;
    return Reservation{*socketId,          std::move(*tags), row.text(4), unpackPolicy(row.number(5)),
                       row.number(6) != 0, row.text(1),      row.time(7), row.time(8)};
}

} // namespace

const SqliteFile::Format tokenDatabaseFormat{"a token journal", 1, schema};

Result<std::unique_ptr<TokenDatabase>> TokenDatabase::open(const std::filesystem::path &file)
{
    auto opened = SqliteFile::open(file, tokenDatabaseFormat);
    if (!opened)
        return Unexpected(opened.error());
    return std::unique_ptr<TokenDatabase>(new TokenDatabase(std::move(*opened)));
}

Result<void> TokenDatabase::write(std::span<const TokenEvent> events)
{
    if (auto begun = m_file.run("BEGIN IMMEDIATE"); !begun)
        return begun;
    auto result = store(events);
    if (result)
        result = m_file.run("COMMIT");
    if (!result)
        (void)m_file.run("ROLLBACK"); // fails where SQLite has already rolled back
    return result;
}

Result<void> TokenDatabase::store(std::span<const TokenEvent> events)
{
    sqlite3 *const database = m_file.handle();
    SqliteStatement reserve(database, "INSERT INTO reservation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    SqliteStatement end(database, "INSERT INTO ended VALUES (?, ?, ?)");
    SqliteStatement forgetOpen(database, "DELETE FROM reservation WHERE gateway = ?");
    SqliteStatement forgetEnded(database, "DELETE FROM ended WHERE gateway = ?");
    for (const TokenEvent &event : events) {
        const Reservation &reservation = event.reservation;
        const std::string &token = reservation.tokenId;
        bool stored = false;
        switch (event.kind) {
        case TokenEvent::Kind::Reserved: {
            const std::string tags = packTags(reservation.tags);
            reserve.bind(event.gateway).bind(token).bind(reservation.socketId.view()).bind(tags);
            reserve.bind(reservation.user).bind(packPolicy(reservation.clientMessages));
            reserve.bind(int64_t(reservation.reuse)).bind(reservation.issuedAt).bind(reservation.expiresAt);
            stored = reserve.run();
            break;
        }
        case TokenEvent::Kind::Ended:
            stored = end.bind(event.gateway).bind(token).bind(reservation.expiresAt).run();
            break;
        case TokenEvent::Kind::Forgotten:
            stored = forgetOpen.bind(event.gateway).run() && forgetEnded.bind(event.gateway).run();
            break;
        }
        if (!stored)
            return m_file.failed();
    }
    return {};
}

Result<void> TokenDatabase::load(ReservationTable &table, WallTime now)
{
    int step = SQLITE_DONE;
    SqliteStatement open(m_file.handle(),
                         "SELECT gateway, token, socket, tags, user, policy, reuse, issued, expires "
                         "FROM reservation WHERE expires > ?");
    for (open.bind(now); (step = open.step()) == SQLITE_ROW;) {
        if (const auto reservation = unpackReservation(open))
            table.restore(open.text(0), *reservation);
        else
            log(LogLevel::Warning, "stored reservation was not readable", {{"file", m_file.path().string()}});
    }
    if (step != SQLITE_DONE)
        return m_file.failed();
    SqliteStatement ended(m_file.handle(), "SELECT gateway, token, expires FROM ended WHERE expires > ?");
    for (ended.bind(now); (step = ended.step()) == SQLITE_ROW;)
        table.restoreEnded(ended.text(0), ended.text(1), ended.time(2));
    if (step != SQLITE_DONE)
        return m_file.failed();
    return {};
}

Result<void> TokenDatabase::prune(WallTime now)
{
    for (const char *sql :
         {"DELETE FROM reservation WHERE expires <= ?", "DELETE FROM ended WHERE expires <= ?"})
        if (SqliteStatement statement(m_file.handle(), sql); !statement.bind(now).run())
            return m_file.failed();
    return {};
}

} // namespace mws
