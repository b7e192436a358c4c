#include "mws/domain/gateway.h"

#include <gtest/gtest.h>

namespace mws {
namespace {

using enum ClientMessages;

TEST(ClientMessages, HaveTheNamesOfTheContract)
{
    for (const auto &[policy, name] :
         {std::pair(Ignore, "ignore"), std::pair(Echo, "echo"), std::pair(Relay, "relay"),
          std::pair(Publish, "publish"), std::pair(Webhook, "webhook")}) {
        EXPECT_EQ(nameOf(policy), name);
        EXPECT_EQ(clientMessagesNamed(name), policy);
    }
    EXPECT_EQ(clientMessagesNamed("Relay"), std::nullopt);
    EXPECT_EQ(clientMessagesNamed(""), std::nullopt);
}

TEST(ClientMessages, ReservationMayDoTheSameOrLess)
{
    for (const ClientMessages ofGateway : {Ignore, Echo, Relay, Publish, Webhook}) {
        EXPECT_TRUE(mayNarrow(ofGateway, ofGateway));
        EXPECT_TRUE(mayNarrow(ofGateway, Ignore));
        EXPECT_EQ(mayNarrow(ofGateway, Echo), ofGateway != Ignore);
        for (const ClientMessages own : {Relay, Publish, Webhook})
            EXPECT_EQ(mayNarrow(ofGateway, own), own == ofGateway) << nameOf(ofGateway) << ' ' << nameOf(own);
    }
}

} // namespace
} // namespace mws
