#include "events/event_database.h"

#include "unit/events/temporary_state.h"

#include <fstream>
#include <gtest/gtest.h>

namespace mws {

namespace {

using test::TemporaryState;

QueuedEvent eventOf(uint64_t sequence, const std::string &body = "{}")
{
    QueuedEvent event;
    event.sequence = sequence;
    event.id = "msg_" + std::to_string(sequence);
    event.socket = *SocketId::parse(std::string(32, 'a'));
    event.type = EventType::Disconnected;
    event.user = "eva";
    event.created = WallTime(std::chrono::milliseconds(1767225600123));
    event.body = body;
    return event;
}

/// Bodies by gateway, in the order of the file.
std::string stored(EventDatabase &database)
{
    std::string text;
    EXPECT_TRUE(database.load([&](const GatewayId &gateway, const QueuedEvent &event) {
        text += gateway + ':' + event.body + ' ';
    }));
    return text;
}

} // namespace

TEST(EventDatabase, KeepsAllOfAnEvent)
{
    const TemporaryState folder;
    QueuedEvent event = eventOf(7, "{\"a\":\"\\u0000\"}");
    event.heldUntil = event.created + std::chrono::milliseconds(5001);
    auto database = *EventDatabase::open(folder.path());
    database->add("players", event);
    EXPECT_TRUE(database->hasPending());
    ASSERT_TRUE(database->write());
    EXPECT_FALSE(database->hasPending());
    database.reset();
    database = *EventDatabase::open(folder.path());
    int rows = 0;
    ASSERT_TRUE(database->load([&](const GatewayId &gateway, const QueuedEvent &read) {
        ++rows;
        EXPECT_EQ(gateway, "players");
        EXPECT_EQ(read.sequence, 7u);
        EXPECT_EQ(read.id, event.id);
        EXPECT_EQ(read.socket, event.socket);
        EXPECT_EQ(read.type, event.type);
        EXPECT_EQ(read.user, event.user);
        EXPECT_EQ(read.created, event.created);
        EXPECT_EQ(read.heldUntil, event.heldUntil);
        EXPECT_EQ(read.body, event.body);
    }));
    EXPECT_EQ(rows, 1);
}

TEST(EventDatabase, ForgetsWhatLeft)
{
    const TemporaryState folder;
    auto database = *EventDatabase::open(folder.path());
    for (uint64_t sequence = 1; sequence <= 4; ++sequence)
        database->add("g", eventOf(sequence, std::to_string(sequence)));
    database->remove(2); // never gets there
    ASSERT_TRUE(database->write());
    EXPECT_EQ(stored(*database), "g:1 g:3 g:4 ");
    database->remove(3);
    database->add("h", eventOf(5, "5"));
    ASSERT_TRUE(database->write());
    EXPECT_EQ(stored(*database), "g:1 g:4 h:5 ");
}

TEST(EventDatabase, LeavesWhatIsNoneOfOurs)
{
    const TemporaryState folder;
    const std::string text(4096, 'x');
    std::ofstream(folder.path() / "events.sqlite") << text;
    const auto database = EventDatabase::open(folder.path());
    ASSERT_FALSE(database);
    EXPECT_NE(database.error().detail.find("events.sqlite: "), std::string::npos);
    EXPECT_EQ(std::filesystem::file_size(folder.path() / "events.sqlite"), text.size());
}

TEST(EventDatabase, IsForItsOwnerOnly)
{
    const TemporaryState folder;
    const auto database = EventDatabase::open(folder.path());
    ASSERT_TRUE(database);
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(folder.path() / "events.sqlite").permissions(),
              perms::owner_read | perms::owner_write);
}

} // namespace mws
