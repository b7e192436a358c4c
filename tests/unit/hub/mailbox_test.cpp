#include "hub/mailbox.h"

#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

namespace mws {

TEST(Mailbox, HandsOverInOrder)
{
    Mailbox mailbox;
    std::string seen;
    mailbox.post([&] { seen += 'a'; });
    mailbox.deliver(std::make_shared<const RoutedMessage>());
    mailbox.post([&] { seen += 'c'; });
    EXPECT_TRUE(mailbox.take([&](const RoutedMessage &) { seen += 'b'; }));
    EXPECT_EQ(seen, "abc");
    EXPECT_FALSE(mailbox.take([](const RoutedMessage &) {}));
}

TEST(Mailbox, KeepsForTheNextTurnWhatATaskPosts)
{
    Mailbox mailbox;
    int runs = 0;
    mailbox.post([&] { mailbox.post([&] { ++runs; }); });
    mailbox.take([](const RoutedMessage &) {});
    EXPECT_EQ(runs, 0);
    mailbox.take([](const RoutedMessage &) {});
    EXPECT_EQ(runs, 1);
}

TEST(Mailbox, LosesNothingFromManyThreads)
{
    Mailbox mailbox;
    std::vector<std::vector<int>> seen(4);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&, thread] {
            for (int i = 0; i < 10000; ++i)
                mailbox.post([&seen, thread, i] { seen[size_t(thread)].push_back(i); });
        });
    size_t count = 0;
    while (count < 40000) {
        mailbox.take([](const RoutedMessage &) {});
        count = seen[0].size() + seen[1].size() + seen[2].size() + seen[3].size();
    }
    for (std::thread &thread : threads)
        thread.join();
    for (const std::vector<int> &list : seen)
        for (int i = 0; i < 10000; ++i)
            ASSERT_EQ(list[size_t(i)], i);
}

} // namespace mws
