#include "identity/jwt_identity_checker.h"

#include "fake_enginio.h"
#include "identity/jwt_key_loader.h"
#include "support/fake_clock.h"
#include "support/jwt_maker.h"

#include <deque>
#include <gtest/gtest.h>
#include <optional>

namespace mws {

using namespace std::chrono_literals;
using namespace test;

namespace {

/// Runs what was posted when the test says so.
class Later final : public Executor
{
public:
    void post(std::function<void()> task) override { tasks.push_back(std::move(task)); }
    bool run()
    {
        const bool some = !tasks.empty();
        while (!tasks.empty()) {
            const auto task = std::move(tasks.front());
            tasks.pop_front();
            task();
        }
        return some;
    }
    std::deque<std::function<void()>> tasks;
};

const SigningPair &first()
{
    static const SigningPair pair = SigningPair::curve();
    return pair;
}

const SigningPair &second()
{
    static const SigningPair pair = SigningPair::curve();
    return pair;
}

} // namespace

struct JwtIdentityCheckerTest : testing::Test
{
    FakeClock clock;
    FakeEnginio server{FakeEnginio::answer("200 OK", QByteArray::fromStdString(jwkSet({first().jwk("k1")})))};
    Later worker;
    Later network;
    JwtKeyLoader loader{clock, {}};
    JwtIdentityChecker checker{loader, clock, worker, network};
    std::shared_ptr<Gateway> gateway = [this] {
        auto made = std::make_shared<Gateway>();
        made->id = "players";
        made->settings.accessControl = AccessControl::Jwt;
        made->settings.identityProvider.jwt.jwks = server.uri();
        return made;
    }();

    static std::string token(const std::string &kid, const SigningPair &pair, const std::string &user = "eva")
    {
        return signedToken(R"({"alg":"ES256","kid":")" + kid + "\"}",
                           R"({"exp":1767225900,"sub":")" + user + "\"}", pair);
    }
    /// The answer, if it comes; lets both threads work.
    std::optional<Result<Identity>> ask(const std::string &accessToken)
    {
        std::optional<Result<Identity>> result;
        checker.check(gateway, accessToken,
                      [&result](Result<Identity> answer) { result.emplace(std::move(answer)); });
        waitFor([&] {
            network.run();
            worker.run();
            return result.has_value();
        });
        return result;
    }
    ErrorCode errorOf(const std::string &accessToken)
    {
        const auto result = ask(accessToken);
        EXPECT_TRUE(result && !*result);
        return result && !*result ? result->error().code : ErrorCode::Internal;
    }
};

TEST_F(JwtIdentityCheckerTest, WaitsForTheFirstKeysAndThenAnswersAtOnce)
{
    const auto identity = ask(token("k1", first()));
    ASSERT_TRUE(identity && *identity);
    EXPECT_EQ((*identity)->userId, "eva");
    std::optional<Result<Identity>> again;
    checker.check(gateway, token("k1", first(), "adam"),
                  [&again](Result<Identity> answer) { again.emplace(answer); });
    ASSERT_TRUE(again && *again) << "no other thread was needed";
    EXPECT_EQ((*again)->userId, "adam");
    EXPECT_TRUE(network.tasks.empty());
}

TEST_F(JwtIdentityCheckerTest, LooksForAKeyThatIsNotKnownOnceInAnInterval)
{
    ASSERT_TRUE(*ask(token("k1", first())));
    server.behave(FakeEnginio::answer(
        "200 OK", QByteArray::fromStdString(jwkSet({first().jwk("k1"), second().jwk("k2")}))));
    EXPECT_EQ(errorOf(token("k2", second())), ErrorCode::AuthenticationNeeded) << "it has just looked";
    EXPECT_EQ(server.requests().size(), 1u);
    clock.advance(60s);
    const auto identity = ask(token("k2", second()));
    ASSERT_TRUE(identity && *identity);
    EXPECT_EQ(server.requests().size(), 2u);
    EXPECT_TRUE(*ask(token("k1", first()))) << "both are good while both are served";
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(errorOf(token("made-up-" + std::to_string(i), second())), ErrorCode::AuthenticationNeeded);
    EXPECT_EQ(server.requests().size(), 2u);
    EXPECT_TRUE(network.tasks.empty());
}

TEST_F(JwtIdentityCheckerTest, RefusesAKeyThatWasWithdrawn)
{
    ASSERT_TRUE(*ask(token("k1", first())));
    server.behave(FakeEnginio::answer("200 OK", QByteArray::fromStdString(jwkSet({second().jwk("k2")}))));
    clock.advance(60s);
    ASSERT_TRUE(*ask(token("k2", second())));
    EXPECT_EQ(errorOf(token("k1", first())), ErrorCode::AuthenticationNeeded);
}

TEST_F(JwtIdentityCheckerTest, IsUnavailableOnlyWhereNoKeyIsKnown)
{
    server.behave(FakeEnginio::answer("500 Internal Server Error", ""));
    EXPECT_EQ(errorOf(token("k1", first())), ErrorCode::Unavailable);
    EXPECT_EQ(errorOf(token("k1", first())), ErrorCode::Unavailable);
    EXPECT_EQ(server.requests().size(), 1u);
    EXPECT_EQ(errorOf("no token"), ErrorCode::AuthenticationNeeded) << "which no key would help";
    server.behave(FakeEnginio::answer("200 OK", QByteArray::fromStdString(jwkSet({first().jwk("k1")}))));
    clock.advance(60s);
    ASSERT_TRUE(*ask(token("k1", first())));
    server.behave(FakeEnginio::answer("500 Internal Server Error", ""));
    clock.advance(60s);
    EXPECT_EQ(errorOf(token("k2", second())), ErrorCode::AuthenticationNeeded);
    EXPECT_TRUE(*ask(token("k1", first())));
}

TEST_F(JwtIdentityCheckerTest, AsksNobodyForATokenThatIsNone)
{
    for (const char *none : {"", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."})
        EXPECT_EQ(errorOf(none), ErrorCode::AuthenticationNeeded) << none;
    EXPECT_TRUE(server.requests().empty());
}

} // namespace mws
