#include "state/state_restore.h"

#include "state/state_backup.h"
#include "state/state_lock.h"
#include "state/tar_file.h"
#include "state_folder.h"

#include <gmock/gmock.h>

namespace mws {

namespace {

using test::StateFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A backup of one folder, and another folder to put it into.
class Restore : public testing::Test
{
protected:
    Restore()
    {
        source.fill("players");
        file =
            backupState(source.state(), source.root() / "backup.tar", "0.2.0", source.clock().wall())->file;
    }
    Result<RestoreReport> restore(ExistingState existing = ExistingState::Refuse) const
    {
        return restoreState(file, target.state(), existing, target.clock().wall());
    }
    /// A tar file with these entries instead of the backup.
    void forge(const std::vector<std::pair<std::string, std::string>> &entries)
    {
        file = source.root() / "forged.tar";
        std::filesystem::remove(file);
        auto tar = TarWriter::create(file, source.clock().wall());
        ASSERT_TRUE(tar);
        for (const auto &[name, bytes] : entries)
            ASSERT_TRUE(tar->add(name, bytes));
        ASSERT_TRUE(tar->finish());
    }
    /// The backup is refused, and the other folder is as it was.
    void expectRefused(const std::string &reason)
    {
        const std::string before = StateFolder::read(target.state() / "gateways.json");
        const auto report = restore(ExistingState::Replace);
        ASSERT_FALSE(report) << reason;
        EXPECT_THAT(report.error().detail, HasSubstr(reason));
        EXPECT_EQ(StateFolder::read(target.state() / "gateways.json"), before);
        for (const std::string &name : StateFolder::names(target.state()))
            EXPECT_THAT(name, Not(HasSubstr("restore"))) << reason;
    }

    StateFolder source;
    StateFolder target;
    std::filesystem::path file;
};

} // namespace

TEST_F(Restore, PutsABackupIntoAFolderThatIsNotThere)
{
    const auto report = restore();
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_TRUE(report->kept.empty());
    EXPECT_THAT(target.gateways(), ElementsAre("players"));
    EXPECT_THAT(StateFolder::spentTokens(target.state() / "tokens.sqlite"), ElementsAre("players-token"));
    EXPECT_THAT(StateFolder::names(target.state()),
                ElementsAre("events.sqlite", "gateways.json", "lock", "tokens.sqlite"));
}

TEST_F(Restore, ReplacesOnlyWhenToldAndKeepsWhatWasThere)
{
    target.fill("others");
    const auto refused = restore();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
    EXPECT_THAT(refused.error().detail, HasSubstr("has the state of a gateway already"));
    EXPECT_THAT(target.gateways(), ElementsAre("others"));
    StateFolder::write(target.state() / "tokens.sqlite-wal", "of the old database");
    const auto report = restore(ExistingState::Replace);
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_THAT(target.gateways(), ElementsAre("players"));
    EXPECT_THAT(StateFolder::spentTokens(target.state() / "tokens.sqlite"), ElementsAre("players-token"));
    EXPECT_THAT(StateFolder::names(report->kept),
                ElementsAre("events.sqlite", "gateways.json", "tokens.sqlite", "tokens.sqlite-wal"));
}

TEST_F(Restore, WaitsForNoRunningGateway)
{
    ASSERT_TRUE(makeStateFolder(target.state()));
    const auto running = StateLock::take(target.state());
    expectRefused("is in use by another gateway");
}

TEST_F(Restore, RefusesWhatIsNotWholeBeforeAnythingChanges)
{
    target.fill("others");
    const std::string good = StateFolder::read(file);
    const std::filesystem::path backup = file;
    file = source.root() / "missing.tar";
    expectRefused("there is no such file");
    file = source.root() / "damaged.tar";
    StateFolder::write(file,
                       "this is no tar file, but long enough to be looked at " + std::string(2000, 'x'));
    expectRefused("is no whole tar file");
    StateFolder::write(file, good.substr(0, good.size() / 2));
    expectRefused("tar file");
    std::string flipped = good;
    const size_t at = flipped.find("players", flipped.find("\"gateways\": {"));
    ASSERT_NE(at, std::string::npos);
    flipped[at] = 'P';
    StateFolder::write(file, flipped);
    expectRefused("gateways.json is not what the manifest says");
    forge({{"gateways.json", "{}"}});
    expectRefused("does not begin with a manifest");
    forge(
        {{"manifest.json", R"({"format":1,"files":[{"name":"gateways.json","size":2,"format":1,"sha256":")" +
                               std::string(64, '0') + "\"}]}"}});
    expectRefused("gateways.json is missing in it");
    forge({{"manifest.json", R"({"format":1,"files":[]})"}, {"../escape", "x"}});
    expectRefused("../escape is not what the manifest says");
    forge({{"manifest.json",
            R"({"format":1,"gateway":"9.0","files":[{"name":"gateways.json","size":2,"format":9,"sha256":")" +
                std::string(64, '0') + "\"}]}"}});
    expectRefused("restore it with gateway 9.0 or newer");
}

TEST_F(Restore, RefusesContentThatTheGatewayWouldRefuse)
{
    target.fill("others");
    source.write(source.root() / "broken.json", R"({"version":1})");
    const std::string digest = *sha256OfFile((source.root() / "broken.json").string());
    forge(
        {{"manifest.json", R"({"format":1,"files":[{"name":"gateways.json","size":13,"format":1,"sha256":")" +
                               digest + "\"}]}"},
         {"gateways.json", R"({"version":1})"}});
    expectRefused("gateways: expected an object");
}

/// Cut off at each step: what finishRestore() finds leads to the same end.
TEST_F(Restore, GoesOnWhereItWasCutOff)
{
    for (const bool moved : {false, true}) {
        StateFolder folder;
        folder.fill("others");
        ASSERT_TRUE(restoreState(file, folder.state(), ExistingState::Replace, folder.clock().wall()));
        // As it was a moment before: the files are in restore.ready, one of them perhaps in its place.
        const std::filesystem::path ready = folder.state() / "restore.ready";
        std::filesystem::create_directory(ready);
        const std::string manifest = manifestJson(
            {"0.2.0",
             "x",
             {{"tokens.sqlite", 1, std::string(64, 'a'), 1}, {"gateways.json", 1, std::string(64, 'a'), 1}}});
        StateFolder::write(ready / "manifest.json", manifest);
        StateFolder::write(ready / "kept", "before-restore-x");
        std::filesystem::rename(folder.state() / "gateways.json", ready / "gateways.json");
        if (!moved)
            std::filesystem::rename(folder.state() / "tokens.sqlite", ready / "tokens.sqlite");
        ASSERT_TRUE(finishRestore(folder.state()));
        EXPECT_THAT(folder.gateways(), ElementsAre("players"));
        EXPECT_THAT(StateFolder::spentTokens(folder.state() / "tokens.sqlite"), ElementsAre("players-token"));
        EXPECT_FALSE(std::filesystem::exists(folder.state() / "events.sqlite")) << "the backup has none";
        EXPECT_FALSE(std::filesystem::exists(ready));
        ASSERT_TRUE(finishRestore(folder.state())) << "there is nothing to finish";
        EXPECT_THAT(folder.gateways(), ElementsAre("players"));
    }
}

TEST_F(Restore, StrangeFolderIsNotTakenForARestore)
{
    ASSERT_TRUE(makeStateFolder(target.state()));
    std::filesystem::create_directory(target.state() / "restore.ready");
    const auto finished = finishRestore(target.state());
    ASSERT_FALSE(finished);
    EXPECT_THAT(finished.error().detail, HasSubstr("restore.ready"));
}

} // namespace mws
