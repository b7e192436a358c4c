#include "token/token_journal.h"

#include "mws/base/log.h"
#include "token_test_data.h"

#include <atomic>
#include <fstream>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sstream>

namespace mws {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test::makeReservation;

namespace {

/// Counts lines of Warning and above.
class CountingSink final : public LogSink
{
public:
    CountingSink() { setLogSink(this); }
    ~CountingSink() override { setLogSink(nullptr); }
    void write(LogLevel level, std::string_view, std::initializer_list<LogField>) override
    {
        complaints += level >= LogLevel::Warning ? 1 : 0;
    }
    std::atomic<int> complaints{0};
};

std::string contentOf(const fs::path &file)
{
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

} // namespace

struct TokenJournalTest : testing::Test
{
    test::FakeClock clock;
    Gateway gateway = test::makeGateway();
    fs::path folder;

    void SetUp() override
    {
        std::string path = (fs::temp_directory_path() / "mws-journal-XXXXXX").string();
        ASSERT_NE(::mkdtemp(path.data()), nullptr);
        folder = path;
    }
    void TearDown() override { fs::remove_all(folder); }

    fs::path file() const { return folder / "tokens.sqlite"; }

    std::unique_ptr<TokenJournal> opened() const
    {
        auto journal = TokenJournal::open(folder);
        EXPECT_TRUE(journal) << journal.error().detail;
        return journal ? std::move(*journal) : nullptr;
    }

    /// As another program would change the file.
    void execute(const char *sql) const
    {
        sqlite3 *database = nullptr;
        ASSERT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(database);
        sqlite3_close(database);
    }

    /// The error of opening, and that the file is as it was. `code`: whether the gateway starts without it.
    std::string refusal(ErrorCode code = ErrorCode::Unavailable) const
    {
        const std::string before = contentOf(file());
        const auto journal = TokenJournal::open(folder);
        EXPECT_FALSE(journal);
        EXPECT_EQ(contentOf(file()), before);
        if (journal)
            return {};
        EXPECT_EQ(journal.error().code, code);
        EXPECT_NE(journal.error().detail.find(file().string()), std::string::npos);
        return journal.error().detail;
    }
};

/// A table with its journal, as long as one run of the service.
struct JournalledTable
{
    explicit JournalledTable(const TokenJournalTest &test)
        : journal(test.opened()), table(test.clock, journal.get())
    {
        const auto loaded = journal->load(table, test.clock.wall());
        EXPECT_TRUE(loaded);
    }
    std::unique_ptr<TokenJournal> journal;
    ReservationTable table;
};

TEST_F(TokenJournalTest, KeepsASpentTokenSpentOverARestart)
{
    const Reservation issued = makeReservation(clock, "issued");
    const Reservation minted = makeReservation(clock, "minted");
    {
        JournalledTable run(*this);
        EXPECT_TRUE(run.table.add(gateway, issued));
        EXPECT_TRUE(run.table.claim(gateway, issued));
        EXPECT_TRUE(run.table.claim(gateway, minted));
    }
    JournalledTable run(*this);
    EXPECT_FALSE(run.table.claim(gateway, issued));
    EXPECT_FALSE(run.table.claim(gateway, minted));
    EXPECT_FALSE(run.table.revoke(gateway, issued.socketId));
}

TEST_F(TokenJournalTest, KeepsARevokedTokenRevokedOverARestart)
{
    const Reservation reservation = makeReservation(clock);
    {
        JournalledTable run(*this);
        EXPECT_TRUE(run.table.add(gateway, reservation));
        EXPECT_TRUE(run.table.revoke(gateway, reservation.socketId));
    }
    EXPECT_FALSE(JournalledTable(*this).table.claim(gateway, reservation));
}

TEST_F(TokenJournalTest, BringsOpenReservationsBack)
{
    Reservation first = makeReservation(clock, "first");
    first.tags = {"a:b", "", "3:x", std::string("n\0l", 3)};
    first.user = "42";
    Reservation reusable = makeReservation(clock, "reusable");
    reusable.reuse = true;
    {
        JournalledTable run(*this);
        EXPECT_TRUE(run.table.add(gateway, first));
        EXPECT_TRUE(run.table.add(gateway, reusable));
        EXPECT_TRUE(run.table.claim(gateway, reusable)); // its socket is gone after the restart
    }
    JournalledTable run(*this);
    EXPECT_EQ(run.table.open(gateway.id), 2u);
    EXPECT_TRUE(run.table.claim(gateway, reusable));
    EXPECT_EQ(run.table.revoke(gateway, {.tag = std::string("n\0l", 3), .user = "42", .issuedBefore = {}}),
              1u);
    EXPECT_FALSE(run.table.claim(gateway, first));
}

TEST_F(TokenJournalTest, ForgetsWhatHasExpired)
{
    {
        JournalledTable run(*this);
        EXPECT_TRUE(run.table.add(gateway, makeReservation(clock)));
    }
    clock.advance(5min);
    EXPECT_EQ(JournalledTable(*this).table.open(gateway.id), 0u);
    clock.advance(-5min);
    EXPECT_EQ(JournalledTable(*this).table.open(gateway.id), 0u); // it was dropped from the file, too
}

TEST_F(TokenJournalTest, ForgetsADeletedGatewayOnly)
{
    const Gateway other = test::makeGateway("other");
    const Reservation reservation = makeReservation(clock);
    {
        JournalledTable run(*this);
        EXPECT_TRUE(run.table.claim(gateway, reservation));
        EXPECT_TRUE(run.table.claim(other, reservation));
        run.table.forget(other.id);
    }
    JournalledTable run(*this);
    EXPECT_FALSE(run.table.claim(gateway, reservation));
    EXPECT_TRUE(run.table.claim(other, reservation));
}

TEST_F(TokenJournalTest, HasWrittenAllAfterFlush)
{
    const Reservation reservation = makeReservation(clock);
    JournalledTable run(*this);
    EXPECT_TRUE(run.table.claim(gateway, reservation));
    run.journal->flush();
    EXPECT_FALSE(JournalledTable(*this).table.claim(gateway, reservation));
    run.journal->flush(); // with nothing to do
}

TEST_F(TokenJournalTest, IsReadableByItsOwnerOnly)
{
    JournalledTable run(*this);
    EXPECT_TRUE(run.table.claim(gateway, makeReservation(clock)));
    run.journal->flush();
    for (const auto &entry : fs::directory_iterator(folder))
        EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write)
            << entry.path();
}

TEST_F(TokenJournalTest, RefusesWhatIsNoDatabase)
{
    std::ofstream(file()) << std::string(10000, 'x');
    EXPECT_NE(refusal().find("not a database"), std::string::npos);
}

TEST_F(TokenJournalTest, RefusesADamagedDatabase)
{
    {
        JournalledTable run(*this);
        for (int i = 0; i < 500; ++i)
            EXPECT_TRUE(run.table.add(gateway, makeReservation(clock, std::to_string(i))));
    }
    std::fstream stream(file(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(4096 * 6);
    stream << std::string(4096, 'x');
    stream.close();
    EXPECT_NE(refusal(), "");
}

TEST_F(TokenJournalTest, RefusesANewerFormat)
{
    opened();
    execute("UPDATE meta SET value = 2; PRAGMA wal_checkpoint(TRUNCATE)");
    EXPECT_NE(refusal(ErrorCode::Internal).find("format 2"), std::string::npos);
}

TEST_F(TokenJournalTest, RefusesTheDatabaseOfAnotherProgram)
{
    execute("CREATE TABLE letters (text TEXT)");
    EXPECT_NE(refusal().find("not a token journal"), std::string::npos);
}

TEST_F(TokenJournalTest, NamesAFolderThatIsNotThere)
{
    const auto journal = TokenJournal::open(folder / "missing");
    ASSERT_FALSE(journal);
    EXPECT_NE(journal.error().detail.find("missing/tokens.sqlite"), std::string::npos);
}

TEST_F(TokenJournalTest, GoesOnWhileTheFileTakesNothingAndWritesItLater)
{
    const Reservation reservation = makeReservation(clock);
    CountingSink sink;
    {
        JournalledTable run(*this);
        execute("ALTER TABLE ended RENAME TO elsewhere");
        EXPECT_TRUE(run.table.claim(gateway, reservation));
        run.journal->flush();
        run.journal->flush();
        EXPECT_EQ(sink.complaints, 1); // not for every try
        EXPECT_FALSE(run.table.claim(gateway, reservation));
        execute("ALTER TABLE elsewhere RENAME TO ended");
        run.journal->flush();
    }
    EXPECT_EQ(sink.complaints, 1);
    EXPECT_FALSE(JournalledTable(*this).table.claim(gateway, reservation));
}

TEST_F(TokenJournalTest, BoundsWhatWaitsForTheFile)
{
    CountingSink sink;
    {
        JournalledTable run(*this);
        execute("ALTER TABLE reservation RENAME TO elsewhere");
        const Reservation reservation = makeReservation(clock);
        for (int i = 0; i < 250000; ++i)
            run.journal->reserved(gateway.id, reservation);
        run.journal->flush();
        execute("ALTER TABLE elsewhere RENAME TO reservation");
    }
    EXPECT_GE(sink.complaints, 2); // not written, and dropped
    EXPECT_EQ(JournalledTable(*this).table.open(gateway.id), 1u);
}

} // namespace mws
