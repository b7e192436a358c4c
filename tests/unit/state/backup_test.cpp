#include "state/state_backup.h"

#include "state_folder.h"

#include <QProcess>
#include <atomic>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <thread>

namespace mws {

namespace {

using test::StateFolder;
using testing::ElementsAre;
using testing::HasSubstr;

class Backup : public testing::Test
{
protected:
    Backup() { folder.fill("players"); }

    Result<BackupReport> backup(const std::filesystem::path &target) const
    {
        return backupState(folder.state(), target, "0.2.0", folder.clock().wall());
    }
    /// With the system's tar, as an operator would look into it.
    std::filesystem::path unpacked(const std::filesystem::path &file) const
    {
        const std::filesystem::path into = folder.root() / "unpacked";
        std::filesystem::create_directory(into);
        QProcess tar;
        tar.start(QStringLiteral("tar"), {QStringLiteral("-xf"), QString::fromStdString(file.string()),
                                          QStringLiteral("-C"), QString::fromStdString(into.string())});
        EXPECT_TRUE(tar.waitForFinished());
        EXPECT_EQ(tar.exitCode(), 0) << tar.readAllStandardError().toStdString();
        return into;
    }

    StateFolder folder;
};

} // namespace

TEST_F(Backup, IsOnePrivateTarFileWithAManifest)
{
    const auto report = backup(folder.root() / "backup.tar");
    ASSERT_TRUE(report) << report.error().detail;
    struct stat status = {};
    ASSERT_EQ(::stat(report->file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u);
    const std::filesystem::path files = unpacked(report->file);
    EXPECT_THAT(StateFolder::names(files),
                ElementsAre("events.sqlite", "gateways.json", "manifest.json", "tokens.sqlite"));
    EXPECT_EQ(StateFolder::read(files / "gateways.json"),
              StateFolder::read(folder.state() / "gateways.json"));
    EXPECT_THAT(StateFolder::spentTokens(files / "tokens.sqlite"), ElementsAre("players-token"));
    EXPECT_EQ(*parseManifest(StateFolder::read(files / "manifest.json")), report->manifest);
    EXPECT_EQ(report->manifest.gateway, "0.2.0");
    EXPECT_THAT(StateFolder::names(folder.root()), ElementsAre("backup.tar", "state", "unpacked"))
        << "nothing else is left";
}

TEST_F(Backup, GetsANameInAFolderAndReplacesNothing)
{
    const auto report = backup(folder.root());
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_EQ(report->file.parent_path(), folder.root());
    EXPECT_THAT(report->file.filename().string(), testing::MatchesRegex("mws-gateway-[0-9T-]+Z.tar"));
    const std::string before = StateFolder::read(report->file);
    const auto again = backup(folder.root());
    ASSERT_FALSE(again);
    EXPECT_THAT(again.error().detail, HasSubstr("is there already"));
    EXPECT_EQ(StateFolder::read(report->file), before);
}

TEST_F(Backup, NamesWhatIsWrong)
{
    const auto none =
        backupState(folder.root() / "nowhere", folder.root() / "x.tar", "1", folder.clock().wall());
    EXPECT_THAT(none.error().detail, HasSubstr("nowhere is no folder"));
    const auto unwritable = backup("/proc/backup.tar");
    EXPECT_THAT(unwritable.error().detail, HasSubstr("/proc cannot be written"));
    StateFolder::write(folder.state() / "gateways.json", "{broken");
    const auto broken = backup(folder.root() / "x.tar");
    ASSERT_FALSE(broken);
    EXPECT_THAT(broken.error().detail, HasSubstr("not JSON"));
    EXPECT_THAT(StateFolder::names(folder.root()), ElementsAre("state"));
}

TEST_F(Backup, IsOfOneMomentWhileTheFilesAreWritten)
{
    constexpr int pair = 2;
    std::atomic<bool> stop{false};
    std::atomic<int> written{0};
    std::thread writer([&] {
        const auto tokens = folder.openTokens();
        while (!stop) { // two in one transaction: a backup has both or none
            std::vector<TokenEvent> events(pair, TokenEvent{TokenEvent::Kind::Ended, "default", {}});
            for (int i = 0; i < pair; ++i)
                events[size_t(i)].reservation.tokenId = std::to_string(written * pair + i);
            EXPECT_TRUE(tokens->write(events));
            ++written;
        }
    });
    for (int i = 0; i < 5; ++i) {
        const int before = written;
        while (written < before + 3)
            std::this_thread::yield();
        const int least = written;
        const auto report = backup(folder.root() / (std::to_string(i) + ".tar"));
        ASSERT_TRUE(report) << report.error().detail;
        const std::filesystem::path files = unpacked(report->file);
        const size_t found = StateFolder::spentTokens(files / "tokens.sqlite").size() - 1; // players-token
        EXPECT_EQ(found % pair, 0u);
        EXPECT_GE(found, size_t(least * pair));
        std::filesystem::remove_all(files);
    }
    stop = true;
    writer.join();
}

} // namespace mws
