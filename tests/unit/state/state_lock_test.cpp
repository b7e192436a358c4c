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

TEST(StateLock, SaysWhereNothingCanBeWritten)
{
    const auto lock = StateLock::take("/proc/nothing");
    ASSERT_FALSE(lock);
    EXPECT_EQ(lock.error().code, ErrorCode::Unavailable);
    EXPECT_THAT(lock.error().detail, HasSubstr("/proc/nothing/lock cannot be written"));
}

} // namespace mws
