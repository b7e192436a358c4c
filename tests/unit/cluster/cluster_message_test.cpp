#include "cluster/cluster_message.h"

#include <gtest/gtest.h>

namespace mws {
namespace {

ClusterMessage full()
{
    ClusterMessage message;
    message.type = PayloadType::Binary;
    message.receivers = {true, {"a", ""}, {"tag", std::string(300, 't')}, {"b"}};
    message.ttl = std::chrono::milliseconds(86400000);
    message.payload = std::string("\x00payload\xff", 9);
    message.requestId = "order-4711";
    return message;
}

TEST(ClusterMessage, ComesBackAsItWas)
{
    ClusterMessage text;
    text.payload = "hello";
    text.receivers.tags = {"red"};
    for (const ClusterMessage &message : {ClusterMessage(), text, full()})
        EXPECT_EQ(decodeClusterMessage(encode(message)), message);
}

TEST(ClusterMessage, TellsNobodyWhenItWasAcceptedHere)
{
    ClusterMessage message = full();
    const std::string bytes = encode(message);
    message.accepted = SteadyTime(std::chrono::hours(1));
    EXPECT_EQ(encode(message), bytes);
    EXPECT_EQ(decodeClusterMessage(bytes)->accepted, SteadyTime{});
}

TEST(ClusterMessage, WithoutARequestIdIsAsBefore)
{
    using namespace std::string_literals;
    ClusterMessage message;
    message.payload = "x";
    EXPECT_EQ(encode(message), "\x01\x00\x00\x00\x00x"s);
    message.requestId = "id";
    EXPECT_EQ(encode(message), "\x01\x08\x00\x00\x00\x02idx"s);
}

TEST(ClusterMessage, PayloadMayBeEmpty)
{
    ClusterMessage message = full();
    message.payload.clear();
    EXPECT_EQ(decodeClusterMessage(encode(message)), message);
}

TEST(ClusterMessage, CutAnywhereBeforeItsPayloadIsRefused)
{
    const ClusterMessage message = full();
    const std::string bytes = encode(message);
    for (size_t size = 0; size < bytes.size() - message.payload.size(); ++size)
        EXPECT_EQ(decodeClusterMessage(std::string_view(bytes).substr(0, size)), std::nullopt) << size;
}

TEST(ClusterMessage, UnknownFormatAndFlagsAreRefused)
{
    std::string bytes = encode(full());
    bytes[0] = 2;
    EXPECT_EQ(decodeClusterMessage(bytes), std::nullopt);
    bytes[0] = 1;
    bytes[1] = 16;
    EXPECT_EQ(decodeClusterMessage(bytes), std::nullopt);
}

TEST(ClusterMessage, CountsAndLengthsBeyondTheBytesAreRefused)
{
    using namespace std::string_literals;
    for (const std::string &bytes :
         {"\x01\x00\xff\xff\xff\xff\x7f"s,                          // so many ids
          "\x01\x00\x01\xff\xff\x7fx"s,                             // one so long
          "\x01\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s,      // a number without end
          "\x01\x04\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\x7f"s}) // so long a life
        EXPECT_EQ(decodeClusterMessage(bytes), std::nullopt);
}

} // namespace
} // namespace mws
