#include "net/held_bytes.h"

#include <gtest/gtest.h>

namespace mws {

TEST(HeldBytes, AddUpAndAreGivenBack)
{
    size_t sum = 0;
    HeldBytes body(sum);
    {
        HeldBytes message(sum);
        body.set(100);
        message.set(50);
        EXPECT_EQ(sum, 150U);
        message.set(20);
        EXPECT_EQ(sum, 120U);
    }
    EXPECT_EQ(sum, 100U);
    body.set(0);
    EXPECT_EQ(sum, 0U);
}

} // namespace mws
