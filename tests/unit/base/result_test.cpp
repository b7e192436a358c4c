#include "mws/base/result.h"

#include <gtest/gtest.h>
#include <memory>

namespace mws {

TEST(Result, HoldsAValueOrAnError)
{
    Result<std::unique_ptr<int>> good = std::make_unique<int>(7);
    ASSERT_TRUE(good);
    EXPECT_EQ(**good, 7);
    const std::unique_ptr<int> taken = std::move(good).value();
    EXPECT_EQ(*taken, 7);

    const Result<int> bad = Unexpected(ErrorCode::InvalidData, "must be a string", "data");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().httpStatus(), 422);
    EXPECT_EQ(bad.error().property, "data");
}

TEST(Result, VoidIsSuccessByDefault)
{
    EXPECT_TRUE(Result<void>());
    const Result<void> bad = Unexpected(ErrorCode::NotFound);
    EXPECT_FALSE(bad);
    EXPECT_EQ(bad.error().message(), "Not found");
}

} // namespace mws
