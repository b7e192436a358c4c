#include "events/event_json.h"

#include <gtest/gtest.h>

namespace mws {

namespace {

SocketEvent eventOfType(EventType type)
{
    auto gateway = std::make_shared<Gateway>();
    gateway->id = "players";
    SocketEvent event;
    event.type = type;
    event.gateway = gateway;
    event.socket = *SocketId::parse(std::string(32, 'a'));
    event.tags = std::make_shared<const std::vector<Tag>>(std::vector<Tag>{"room:1", "a\"b"});
    event.user = "users.é";
    event.remote = "[2001:db8::1]:4711";
    event.time = WallTime(std::chrono::milliseconds(1767225600123));
    event.connectedAt = event.time - std::chrono::milliseconds(2500);
    return event;
}

const std::string socketPart =
    R"("id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","gateway":"players","user":"users.é","tags":["room:1","a\"b"],)"
    R"("remote":"[2001:db8::1]:4711")";

} // namespace

TEST(EventJson, OfAConnection)
{
    EXPECT_EQ(eventJson(eventOfType(EventType::Connected)),
              R"({"type":"socket.connected","timestamp":"2026-01-01T00:00:00.123Z","data":{)" + socketPart +
                  "}}");
}

TEST(EventJson, OfASocketWithoutUserAndTags)
{
    SocketEvent event = eventOfType(EventType::Connected);
    event.user.clear();
    event.tags = std::make_shared<const std::vector<Tag>>();
    EXPECT_NE(eventJson(event).find(R"("user":null,"tags":[],)"), std::string::npos);
}

TEST(EventJson, OfAnEnd)
{
    SocketEvent event = eventOfType(EventType::Disconnected);
    event.code = 1008;
    event.reason = "too \"many\" messages";
    event.by = ClosedBy::Gateway;
    event.traffic = {10, 20, 3, 4};
    EXPECT_EQ(eventJson(event),
              R"({"type":"socket.disconnected","timestamp":"2026-01-01T00:00:00.123Z","data":{)" +
                  socketPart +
                  R"(,"connectedAt":"2025-12-31T23:59:57.623Z","duration":2500,"code":1008,)"
                  R"("reason":"too \"many\" messages","by":"gateway","received":{"messages":3,"bytes":10},)"
                  R"("sent":{"messages":4,"bytes":20}}})");
    event.by = ClosedBy::Client;
    EXPECT_NE(eventJson(event).find(R"("by":"client")"), std::string::npos);
    event.by = ClosedBy::Network;
    EXPECT_NE(eventJson(event).find(R"("by":"network")"), std::string::npos);
}

TEST(EventJson, LastsNoTimeWhereTheClockWentBack)
{
    SocketEvent event = eventOfType(EventType::Disconnected);
    event.connectedAt = event.time + std::chrono::hours(1);
    EXPECT_NE(eventJson(event).find(R"("duration":0,)"), std::string::npos);
}

TEST(EventJson, OfAMessage)
{
    SocketEvent event = eventOfType(EventType::Message);
    event.payload = "line\n\"é\"";
    EXPECT_EQ(eventJson(event),
              R"({"type":"socket.message","timestamp":"2026-01-01T00:00:00.123Z","data":{)" + socketPart +
                  R"(,"data":"line\u000a\"é\""}})");
    event.payloadType = PayloadType::Binary;
    event.payload = std::string("\0\xff\xfe\x01", 4);
    EXPECT_EQ(eventJson(event),
              R"({"type":"socket.message","timestamp":"2026-01-01T00:00:00.123Z","data":{)" + socketPart +
                  R"(,"data":"AP/+AQ==","encoding":"base64"}})");
}

} // namespace mws
