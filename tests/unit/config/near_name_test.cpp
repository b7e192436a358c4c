#include "config/near_name.h"

#include <gtest/gtest.h>

namespace mws {

TEST(NearName, FindsWhatWasProbablyMeant)
{
    const std::vector<std::string> names{"port", "address", "workers", "state_dir"};
    EXPECT_EQ(nearName("prot", names), "port");
    EXPECT_EQ(nearName("adress", names), "address");
    EXPECT_EQ(nearName("statedir", names), "state_dir");
    EXPECT_EQ(nearName("colour", names), std::nullopt);
    EXPECT_EQ(nearName(std::string(10000, 'a'), names), std::nullopt);
    EXPECT_EQ(didYouMean("worker", names), "; did you mean workers?");
    EXPECT_EQ(didYouMean("zebra", names), "");
}

} // namespace mws
