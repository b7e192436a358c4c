#include "routing/pointer_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace mws::test {
namespace {

TEST(PointerTable, FindsNothingWhileEmpty)
{
    const PointerTable<int> table;
    EXPECT_EQ(table.find(1, [](int) { return true; }), nullptr);
}

// With few different hashes, so that there are long runs with holes to close.
TEST(PointerTable, BehavesLikeAMap)
{
    for (const unsigned hashes : {1u, 7u, 1000u}) {
        std::mt19937 random(hashes);
        std::vector<int> items(500);
        for (int i = 0; i < 500; ++i)
            items[i] = i;
        std::map<int, int *> model;
        PointerTable<int> table;
        const auto hashOf = [&](int item) { return (item * 2654435761u % hashes) << 3; };
        for (int step = 0; step < 20000; ++step) {
            int &item = items[random() % (step % 5000 < 2500 ? 500 : 20)];
            if (model.erase(item) > 0) {
                table.erase(hashOf(item), item);
            } else {
                model[item] = &item;
                table.insert(hashOf(item), item);
            }
            const int other = items[random() % 500];
            int *const found = table.find(hashOf(other), [&](int candidate) { return candidate == other; });
            ASSERT_EQ(found != nullptr, model.contains(other));
            ASSERT_EQ(table.size(), model.size());
        }
    }
}

} // namespace
} // namespace mws::test
