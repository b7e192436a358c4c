#include "identity/identity_cache.h"

#include "support/fake_clock.h"

#include <gtest/gtest.h>
#include <set>

namespace mws {

using namespace std::chrono_literals;

TEST(IdentityCache, KnowsAnIdentityForItsLife)
{
    test::FakeClock clock;
    IdentityCache cache(clock, 30s, 10);
    cache.store("key", {"42", {"admins"}});
    clock.advance(30s - 1ms);
    EXPECT_EQ(cache.find("key"), (Identity{"42", {"admins"}}));
    EXPECT_EQ(cache.find("other"), std::nullopt);
    clock.advance(1ms);
    EXPECT_EQ(cache.find("key"), std::nullopt);
}

TEST(IdentityCache, DropsTheOldestOverItsCapacity)
{
    test::FakeClock clock;
    IdentityCache cache(clock, 30s, 2);
    for (const char *key : {"a", "b", "a", "c"})
        cache.store(key, {key, {}});
    EXPECT_EQ(cache.size(), 2u);
    EXPECT_EQ(cache.find("b"), std::nullopt);
    EXPECT_TRUE(cache.find("a"));
    clock.advance(30s);
    cache.store("d", {"d", {}});
    EXPECT_EQ(cache.size(), 1u); // what is too old makes room at once
}

TEST(IdentityCache, KeepsNothingWithoutALife)
{
    test::FakeClock clock;
    IdentityCache cache(clock, 0s, 2);
    cache.store("a", {"a", {}});
    EXPECT_EQ(cache.size(), 0u);
}

TEST(IdentityCache, ShorterLifeHoldsForWhatIsKeptAlready)
{
    test::FakeClock clock;
    IdentityCache cache(clock, 30s, 10);
    cache.store("before", {"1", {}});
    cache.setLife(10s);
    cache.store("after", {"2", {}});
    clock.advance(10s - 1ms);
    EXPECT_TRUE(cache.find("before"));
    clock.advance(1ms);
    EXPECT_EQ(cache.find("before"), std::nullopt);
    EXPECT_EQ(cache.find("after"), std::nullopt);
    cache.setLife(60s);
    cache.store("later", {"3", {}});
    clock.advance(59s);
    EXPECT_TRUE(cache.find("later"));
}

TEST(IdentityCache, TellsGatewaysProvidersAndTokensApart)
{
    Gateway gateway;
    gateway.id = "a";
    gateway.settings.identityProvider = {"http://one", "backend"};
    std::set<IdentityCache::Key> keys{IdentityCache::keyOf(gateway, "token")};
    keys.insert(IdentityCache::keyOf(gateway, "token2"));
    Gateway other = gateway;
    other.id = "b";
    keys.insert(IdentityCache::keyOf(other, "token"));
    other = gateway;
    other.serial = 1;
    keys.insert(IdentityCache::keyOf(other, "token"));
    other = gateway;
    other.settings.identityProvider.edsUri = "http://two";
    keys.insert(IdentityCache::keyOf(other, "token"));
    other = gateway;
    other.settings.identityProvider = {"http://oneb", "ackend"};
    keys.insert(IdentityCache::keyOf(other, "token"));
    EXPECT_EQ(keys.size(), 6u);
    EXPECT_EQ(keys.count(IdentityCache::keyOf(gateway, "token")), 1u);
}

} // namespace mws
