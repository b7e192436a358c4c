#include "token/sqlite_file.h"

#include "token/sqlite_statement.h"

#include <QTemporaryDir>
#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace mws {

namespace {

using testing::HasSubstr;

constexpr const char *firstSchema = "CREATE TABLE IF NOT EXISTS thing (name TEXT NOT NULL)";
constexpr const char *newestSchema =
    "CREATE TABLE IF NOT EXISTS thing (name TEXT NOT NULL, size INTEGER NOT NULL DEFAULT 7, colour TEXT)";
constexpr std::array steps{
    SqliteFile::Upgrade{1, "ALTER TABLE thing ADD COLUMN size INTEGER NOT NULL DEFAULT 7"},
    SqliteFile::Upgrade{2, "ALTER TABLE thing ADD COLUMN colour TEXT; UPDATE thing SET colour = 'blue'"},
};
constexpr std::array brokenSteps{steps[0],
                                 SqliteFile::Upgrade{2, "ALTER TABLE nowhere ADD COLUMN colour TEXT"}};

constexpr SqliteFile::Format first{"a list of things", 1, firstSchema};
constexpr SqliteFile::Format newest{"a list of things", 3, newestSchema, steps};

class SqliteUpgrade : public testing::Test
{
protected:
    SqliteUpgrade()
    {
        auto file = SqliteFile::open(path, first);
        EXPECT_TRUE(file);
        EXPECT_TRUE(file->run("INSERT INTO thing VALUES ('kept')"));
    }

    static std::string only(const std::filesystem::path &file, const SqliteFile::Format &format,
                            std::string_view sql)
    {
        auto opened = SqliteFile::open(file, format);
        if (!opened)
            return opened.error().detail;
        SqliteStatement statement(opened->handle(), sql);
        return statement.step() == SQLITE_ROW ? statement.text(0) : "nothing";
    }

    QTemporaryDir m_folder;
    std::filesystem::path path = m_folder.filePath(QStringLiteral("things.sqlite")).toStdString();
    std::filesystem::path kept = path.string() + ".format-1";
};

} // namespace

TEST_F(SqliteUpgrade, TakesAllStepsAndKeepsACopy)
{
    EXPECT_EQ(only(path, newest, "SELECT name || size || colour FROM thing"), "kept7blue");
    EXPECT_EQ(*SqliteFile::formatOf(path, newest), 3);
    struct stat status = {};
    ASSERT_EQ(::stat(kept.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u);
    EXPECT_EQ(only(kept, first, "SELECT name FROM thing"), "kept");
    EXPECT_EQ(only(path, newest, "SELECT count(*) FROM thing"), "1") << "once is enough";
}

TEST_F(SqliteUpgrade, StepThatFailsChangesNothing)
{
    constexpr SqliteFile::Format broken{"a list of things", 3, newestSchema, brokenSteps};
    EXPECT_THAT(only(path, broken, "SELECT name FROM thing"), HasSubstr("nowhere"));
    EXPECT_EQ(*SqliteFile::formatOf(path, first), 1);
    EXPECT_EQ(only(path, newest, "SELECT name || size || colour FROM thing"), "kept7blue")
        << "the next version can do it";
}

TEST_F(SqliteUpgrade, NewerFormatIsRefusedAndLeftAsItIs)
{
    EXPECT_EQ(only(path, newest, "SELECT name FROM thing"), "kept");
    const auto older = SqliteFile::open(path, first);
    ASSERT_FALSE(older);
    EXPECT_EQ(older.error().code, ErrorCode::Internal);
    EXPECT_THAT(
        older.error().detail,
        HasSubstr(
            "format 3 is of a newer version of the gateway, this one knows up to 1; it is left as it is"));
    EXPECT_EQ(*SqliteFile::formatOf(path, newest), 3);
}

TEST_F(SqliteUpgrade, CopyIsWholeWhileTheFileIsOpen)
{
    auto open = SqliteFile::open(path, first);
    ASSERT_TRUE(open);
    ASSERT_TRUE(open->run("INSERT INTO thing VALUES ('in the WAL')"));
    const std::filesystem::path copy = path.string() + ".copy";
    ASSERT_TRUE(SqliteFile::copy(path, copy));
    EXPECT_FALSE(std::filesystem::exists(copy.string() + "-wal"));
    EXPECT_EQ(only(copy, first, "SELECT count(*) FROM thing"), "2");
    EXPECT_FALSE(SqliteFile::copy(path, copy)) << "it replaces nothing";
}

} // namespace mws
