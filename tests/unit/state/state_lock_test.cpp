#include "state/state_lock.h"

#include <QTemporaryDir>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <unistd.h>

namespace mws {

using testing::HasSubstr;

TEST(StateLock, KeepsAFolderForOne)
{
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    {
        const auto first = StateLock::take(path);
        ASSERT_TRUE(first);
        const auto second = StateLock::take(path);
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().code, ErrorCode::Conflict);
        EXPECT_THAT(second.error().detail,
                    HasSubstr(path.string() + " is in use by another gateway (process " +
                              std::to_string(::getpid()) + ')'));
    }
    EXPECT_TRUE(StateLock::take(path)) << "it ends with its owner";
}

TEST(StateLock, MovesWithItsOwner)
{
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    auto taken = StateLock::take(path);
    ASSERT_TRUE(taken);
    std::optional<StateLock> kept;
    kept = *std::move(taken);
    EXPECT_FALSE(StateLock::take(path));
    kept.reset();
    EXPECT_TRUE(StateLock::take(path));
}

TEST(StateLock, LooksWithoutTaking)
{
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    EXPECT_FALSE(StateLock::look(path)->isHeld);
    EXPECT_FALSE(std::filesystem::exists(path / "lock")) << "looking makes nothing";
    {
        const auto lock = StateLock::take(path);
        ASSERT_TRUE(lock);
        for (int i = 0; i < 2; ++i) {
            const auto use = StateLock::look(path);
            ASSERT_TRUE(use);
            EXPECT_TRUE(use->isHeld);
            EXPECT_EQ(use->process, std::to_string(::getpid()));
        }
        EXPECT_FALSE(StateLock::take(path)) << "still held";
    }
    EXPECT_FALSE(StateLock::look(path)->isHeld);
    EXPECT_TRUE(StateLock::take(path)) << "looking has left nothing behind";
}

TEST(StateLock, SaysWhereNothingCanBeWritten)
{
    const auto lock = StateLock::take("/proc/nothing");
    ASSERT_FALSE(lock);
    EXPECT_EQ(lock.error().code, ErrorCode::Unavailable);
    EXPECT_THAT(lock.error().detail, HasSubstr("/proc/nothing/lock cannot be written"));
}

} // namespace mws
