#include "token/token_database.h"

#include "mws/base/log.h"
#include "token/sqlite_statement.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mws {

namespace {

constexpr int64_t formatVersion = 1;
constexpr std::chrono::milliseconds lockPatience{2000};

/// Rows are only appended, which costs a tenth of finding a place for a random token id; of a token that is
/// in both tables, `ended` is true.
constexpr const char *schema = R"(
    CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS reservation (
        gateway TEXT NOT NULL, token TEXT NOT NULL, socket TEXT NOT NULL, tags TEXT NOT NULL,
        user TEXT NOT NULL, policy INTEGER NOT NULL, reuse INTEGER NOT NULL, issued INTEGER NOT NULL,
        expires INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS ended (gateway TEXT NOT NULL, token TEXT NOT NULL, expires INTEGER NOT NULL);
    CREATE INDEX IF NOT EXISTS reservation_by_expiry ON reservation (expires);
    CREATE INDEX IF NOT EXISTS ended_by_expiry ON ended (expires);
)";
Unexpected unusable(const std::filesystem::path &file, std::string_view reason)
{
    return Unexpected(ErrorCode::Unavailable, file.string() + ": " + std::string(reason));
}

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

void TokenDatabase::Close::operator()(sqlite3 *database) const
{
    sqlite3_close_v2(database);
}

TokenDatabase::TokenDatabase(std::filesystem::path file, Handle handle)
    : m_file(std::move(file)), m_handle(std::move(handle))
{}

TokenDatabase::~TokenDatabase() = default;

Result<TokenDatabase::Handle> TokenDatabase::connect(const std::filesystem::path &file, Access access)
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
Result<void> TokenDatabase::inspect(const std::filesystem::path &file)
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
        return unusable(file, "not a token journal");
    if (version.number(0) != formatVersion)
        return unusable(file, "format " + std::to_string(version.number(0)) +
                                  ", but this version knows only " + std::to_string(formatVersion));
    return {};
}

Result<std::unique_ptr<TokenDatabase>> TokenDatabase::open(const std::filesystem::path &file)
{
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (!error && size > 0) {
        if (auto inspected = inspect(file); !inspected)
            return Unexpected(inspected.error());
    }
    if (auto made = makePrivate(file); !made)
        return Unexpected(made.error());
    auto handle = connect(file, Access::Write);
    if (!handle)
        return Unexpected(handle.error());
    std::unique_ptr<TokenDatabase> database(new TokenDatabase(file, std::move(*handle)));
    if (auto prepared = database->prepare(); !prepared)
        return Unexpected(prepared.error());
    return database;
}

Unexpected TokenDatabase::failed() const
{
    return unusable(m_file, sqlite3_errmsg(m_handle.get()));
}

Result<void> TokenDatabase::run(const char *sql)
{
    if (sqlite3_exec(m_handle.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return failed();
    return {};
}

Result<void> TokenDatabase::prepare()
{
    const std::string version =
        "INSERT OR IGNORE INTO meta VALUES ('version', " + std::to_string(formatVersion) + "); COMMIT";
    for (const char *sql :
         {"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE", schema, version.c_str()})
        if (auto done = run(sql); !done)
            return done;
    return {};
}

Result<void> TokenDatabase::write(std::span<const TokenEvent> events)
{
    if (auto begun = run("BEGIN IMMEDIATE"); !begun)
        return begun;
    auto result = store(events);
    if (result)
        result = run("COMMIT");
    if (!result)
        (void)run("ROLLBACK"); // fails where SQLite has already rolled back
    return result;
}

Result<void> TokenDatabase::store(std::span<const TokenEvent> events)
{
    sqlite3 *const database = m_handle.get();
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
            return failed();
    }
    return {};
}

Result<void> TokenDatabase::load(ReservationTable &table, WallTime now)
{
    int step = SQLITE_DONE;
    SqliteStatement open(m_handle.get(),
                         "SELECT gateway, token, socket, tags, user, policy, reuse, issued, expires "
                         "FROM reservation WHERE expires > ?");
    for (open.bind(now); (step = open.step()) == SQLITE_ROW;) {
        if (const auto reservation = unpackReservation(open))
            table.restore(open.text(0), *reservation);
        else
            log(LogLevel::Warning, "stored reservation was not readable", {{"file", m_file.string()}});
    }
    if (step != SQLITE_DONE)
        return failed();
    SqliteStatement ended(m_handle.get(), "SELECT gateway, token, expires FROM ended WHERE expires > ?");
    for (ended.bind(now); (step = ended.step()) == SQLITE_ROW;)
        table.restoreEnded(ended.text(0), ended.text(1), ended.time(2));
    if (step != SQLITE_DONE)
        return failed();
    return {};
}

Result<void> TokenDatabase::prune(WallTime now)
{
    for (const char *sql :
         {"DELETE FROM reservation WHERE expires <= ?", "DELETE FROM ended WHERE expires <= ?"})
        if (SqliteStatement statement(m_handle.get(), sql); !statement.bind(now).run())
            return failed();
    return {};
}

} // namespace mws
