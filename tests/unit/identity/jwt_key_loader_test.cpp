#include "identity/jwt_key_loader.h"

#include "fake_enginio.h"
#include "support/fake_clock.h"
#include "support/jwt_maker.h"

#include <QTemporaryDir>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace mws {

using namespace std::chrono_literals;
using test::FakeEnginio;
using test::jwkSet;
using test::waitFor;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

std::string ecSet(const std::string &kid)
{
    static const test::SigningPair pair = test::SigningPair::curve();
    return jwkSet({pair.jwk(kid)});
}

std::string secretSet(const std::string &kid)
{
    return jwkSet(
        {R"({"kty":"oct","kid":")" + kid + R"(","k":")" + test::base64Url(std::string(32, 'k')) + "\"}"});
}

} // namespace

struct JwtKeyLoaderTest : testing::Test
{
    test::FakeClock clock;
    FakeEnginio server{FakeEnginio::answer("200 OK", QByteArray::fromStdString(ecSet("k1")))};
    QTemporaryDir folder;
    JwtKeyOptions options;
    std::unique_ptr<JwtKeyLoader> made;

    JwtKeyLoader &loader()
    {
        if (!made)
            made = std::make_unique<JwtKeyLoader>(clock, options);
        return *made;
    }
    std::string path(const char *name) const
    {
        return folder.filePath(QString::fromLatin1(name)).toStdString();
    }
    /// As a program should: written beside it and moved over it.
    static void replace(const std::string &path, const std::string &text)
    {
        std::ofstream(path + ".new") << text;
        std::filesystem::rename(path + ".new", path);
    }
    static std::shared_ptr<Gateway> gateway(const std::string &jwks, const std::string &pem = {})
    {
        auto made = std::make_shared<Gateway>();
        made->id = "players";
        made->settings.accessControl = AccessControl::Jwt;
        made->settings.identityProvider.jwt.jwks = jwks;
        made->settings.identityProvider.jwt.publicKeyFile = pem;
        return made;
    }
    std::vector<std::string> ids(const Gateway &gateway)
    {
        std::vector<std::string> found;
        if (const auto snapshot = loader().store().find(gateway))
            for (const JwtKey &key : snapshot->keys)
                found.push_back(key.id);
        return found;
    }
    uint64_t version(const Gateway &gateway)
    {
        const auto snapshot = loader().store().find(gateway);
        return snapshot ? snapshot->version : 0;
    }
    /// Asks for newer keys and waits for the answer; false if none came.
    bool refresh(const std::shared_ptr<const Gateway> &gateway)
    {
        auto done = std::make_shared<bool>(false);
        loader().refresh(gateway, version(*gateway), [done] { *done = true; });
        return waitFor([done] { return *done; });
    }
};

TEST_F(JwtKeyLoaderTest, FetchesFromAUrl)
{
    const auto players = gateway(server.uri() + "/jwks.json?p=1");
    EXPECT_TRUE(refresh(players));
    EXPECT_THAT(ids(*players), ElementsAre("k1"));
    ASSERT_EQ(server.requests().size(), 1u);
    EXPECT_THAT(server.requests()[0].toStdString(), testing::StartsWith("GET /jwks.json?p=1 HTTP/1.1\r\n"));
}

TEST_F(JwtKeyLoaderTest, FetchesAtMostOnceInAnInterval)
{
    const auto players = gateway(server.uri());
    EXPECT_TRUE(refresh(players));
    server.behave(FakeEnginio::answer("200 OK", QByteArray::fromStdString(ecSet("k2"))));
    for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(refresh(players));
    clock.advance(59s);
    EXPECT_TRUE(refresh(players));
    loader().tick();
    EXPECT_EQ(server.requests().size(), 1u);
    EXPECT_THAT(ids(*players), ElementsAre("k1"));
    clock.advance(1s);
    EXPECT_TRUE(refresh(players));
    EXPECT_EQ(server.requests().size(), 2u);
    EXPECT_THAT(ids(*players), ElementsAre("k2"));
}

TEST_F(JwtKeyLoaderTest, JoinsThoseWhoWaitIntoOneRequest)
{
    const auto players = gateway(server.uri());
    int answered = 0;
    for (int i = 0; i < 50; ++i)
        loader().refresh(players, 0, [&answered] { ++answered; });
    EXPECT_EQ(answered, 0);
    EXPECT_TRUE(waitFor([&] { return answered == 50; }));
    EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(JwtKeyLoaderTest, LetsABoundedNumberWait)
{
    options.waiting = 2;
    server.behave([](QTcpSocket &) {});
    const auto players = gateway(server.uri());
    int answered = 0;
    for (int i = 0; i < 3; ++i)
        loader().refresh(players, 0, [&answered] { ++answered; });
    EXPECT_EQ(answered, 1);
    made.reset();
    EXPECT_EQ(answered, 3) << "its end tells those who wait";
}

TEST_F(JwtKeyLoaderTest, KeepsTheKeysWhenTheServerFails)
{
    const auto players = gateway(server.uri());
    EXPECT_TRUE(refresh(players));
    const QByteArray large(qsizetype(maxKeySourceBytes) + 1, ' ');
    const QByteArray next = QByteArray::fromStdString(ecSet("k2"));
    const std::vector<FakeEnginio::Behaviour> failures{
        FakeEnginio::answer("500 Internal Server Error", next),
        FakeEnginio::answer("404 Not Found", next),
        FakeEnginio::answer("302 Found", next,
                            "Location: " + QByteArray::fromStdString(server.uri()) + "/elsewhere\r\n"),
        FakeEnginio::answer("204 No Content", ""),
        FakeEnginio::answer("200 OK", "<html>"),
        FakeEnginio::answer("200 OK", R"({"keys":[]})"),
        FakeEnginio::answer("200 OK", next + large),
        FakeEnginio::answer("200 OK", QByteArray::fromStdString(secretSet("served-secret"))),
        [&](QTcpSocket &socket) {
            socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + next);
            socket.disconnectFromHost();
        },
        [](QTcpSocket &socket) { socket.abort(); },
    };
    size_t asked = 1;
    for (const auto &failure : failures) {
        server.behave(failure);
        clock.advance(60s);
        EXPECT_TRUE(refresh(players));
        EXPECT_THAT(ids(*players), ElementsAre("k1"));
        EXPECT_GE(server.requests().size(), ++asked);
        asked = server.requests().size();
    }
    for (const QByteArray &request : server.requests())
        EXPECT_FALSE(request.contains("/elsewhere")) << "redirects are not followed";
    server.behave(FakeEnginio::answer("200 OK", next));
    clock.advance(60s);
    EXPECT_TRUE(refresh(players));
    EXPECT_THAT(ids(*players), ElementsAre("k2"));
}

TEST_F(JwtKeyLoaderTest, GivesUpASlowServerInTime)
{
    options.bounds.deadline = 100ms;
    server.behave([](QTcpSocket &socket) { socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"); });
    const auto players = gateway(server.uri());
    EXPECT_TRUE(refresh(players));
    EXPECT_THAT(ids(*players), IsEmpty());
    EXPECT_NE(version(*players), 0u) << "that it failed is known, too";
}

TEST_F(JwtKeyLoaderTest, NobodyAtTheUrlIsNoKey)
{
    const auto players = gateway("http://127.0.0.1:1/jwks");
    EXPECT_TRUE(refresh(players));
    EXPECT_THAT(ids(*players), IsEmpty());
}

TEST_F(JwtKeyLoaderTest, FetchesOldKeysAnewWhileTheyAreInUse)
{
    const auto players = gateway(server.uri());
    EXPECT_TRUE(refresh(players));
    clock.advance(10min);
    loader().tick();
    EXPECT_TRUE(refresh(players)); // joins, if a fetch is under way
    EXPECT_EQ(server.requests().size(), 2u);
    clock.advance(9min);
    EXPECT_THAT(ids(*players), ElementsAre("k1"));
    loader().tick();
    clock.advance(1min);
    const uint64_t before = version(*players);
    loader().tick();
    EXPECT_TRUE(waitFor([&] { return version(*players) != before; }));
    EXPECT_EQ(server.requests().size(), 3u);
    clock.advance(10min);
    made.reset();
}

TEST_F(JwtKeyLoaderTest, LeavesUnusedKeysAlone)
{
    const auto players = gateway(server.uri());
    ASSERT_TRUE(loader().prepare(players));
    EXPECT_TRUE(waitFor([&] { return server.requests().size() == 1; }));
    auto done = std::make_shared<bool>(false);
    loader().refresh(players, 0, [done] { *done = true; });
    EXPECT_TRUE(waitFor([done] { return *done; }));
    clock.advance(11min);
    loader().tick();
    EXPECT_THAT(ids(*players), ElementsAre("k1")); // used from here on
    loader().tick();
    EXPECT_TRUE(waitFor([&] { return server.requests().size() == 2; }));
}

TEST_F(JwtKeyLoaderTest, ReadsFilesAtOnceAndAgainWhenTheyChange)
{
    replace(path("jwks.json"), secretSet("f1"));
    const auto players = gateway(path("jwks.json"));
    ASSERT_TRUE(loader().prepare(players));
    EXPECT_THAT(ids(*players), ElementsAre("f1"));
    replace(path("jwks.json"), secretSet("f2"));
    clock.advance(59s);
    loader().tick();
    EXPECT_THAT(ids(*players), ElementsAre("f1")) << "at most once a minute";
    clock.advance(1s);
    loader().tick();
    EXPECT_THAT(ids(*players), ElementsAre("f2"));
    const uint64_t before = version(*players);
    clock.advance(60s);
    loader().tick();
    EXPECT_EQ(version(*players), before) << "nothing has changed";
}

TEST_F(JwtKeyLoaderTest, KeepsTheKeysOfAFileThatBreaksOrGoes)
{
    replace(path("jwks.json"), secretSet("f1"));
    const auto players = gateway(path("jwks.json"));
    ASSERT_TRUE(loader().prepare(players));
    replace(path("jwks.json"), "{\"keys\": [");
    clock.advance(60s);
    loader().tick();
    EXPECT_THAT(ids(*players), ElementsAre("f1"));
    std::filesystem::remove(path("jwks.json"));
    clock.advance(60s);
    loader().tick();
    EXPECT_THAT(ids(*players), ElementsAre("f1"));
    replace(path("jwks.json"), secretSet("f3"));
    clock.advance(60s);
    loader().tick();
    EXPECT_THAT(ids(*players), ElementsAre("f3"));
}

TEST_F(JwtKeyLoaderTest, NamesAFileThatCannotBeUsed)
{
    const auto problem = [this](const std::string &jwks, const std::string &pem) {
        const auto prepared = loader().prepare(gateway(jwks, pem));
        return prepared ? std::string() : prepared.error().detail;
    };
    replace(path("empty"), "");
    replace(path("large"), std::string(maxKeySourceBytes + 1, ' '));
    ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
    EXPECT_THAT(problem("", path("missing")),
                HasSubstr("gateway players: jwt_public_key: " + path("missing")));
    EXPECT_THAT(problem(path("missing"), ""), HasSubstr("jwt_jwks: " + path("missing") + " cannot be read"));
    EXPECT_THAT(problem(path("empty"), ""), HasSubstr("not a JWK Set"));
    EXPECT_THAT(problem("", path("empty")), HasSubstr("no PEM block"));
    EXPECT_THAT(problem(path("large"), ""), HasSubstr("longer than 256 KiB"));
    EXPECT_THAT(problem(path("fifo"), ""), HasSubstr("not a regular file"))
        << "and nobody waits for its other end";
    EXPECT_THAT(problem("", folder.path().toStdString()), HasSubstr("not a regular file"));
}

TEST_F(JwtKeyLoaderTest, PutsSecretPemAndUrlTogether)
{
    replace(path("key.pem"), test::SigningPair::curve().publicPem());
    const auto players = gateway(server.uri(), path("key.pem"));
    players->jwtSecret = std::string(32, 's');
    ASSERT_TRUE(loader().prepare(players));
    EXPECT_THAT(ids(*players), ElementsAre("", "")) << "what is known already need not wait";
    EXPECT_TRUE(refresh(players));
    EXPECT_THAT(ids(*players), ElementsAre("", "", "k1"));
}

TEST_F(JwtKeyLoaderTest, ForgetsKeysOfOtherSources)
{
    const auto players = gateway(server.uri());
    EXPECT_TRUE(refresh(players));
    const auto elsewhere = gateway("http://127.0.0.1:1/");
    EXPECT_THAT(ids(*elsewhere), IsEmpty());
    const auto renamed = gateway(server.uri());
    renamed->settings.name = "renamed";
    EXPECT_THAT(ids(*renamed), ElementsAre("k1")) << "the keys stay where other settings change";
    const auto again = gateway(server.uri());
    again->serial = 2;
    EXPECT_THAT(ids(*again), IsEmpty()) << "a gateway made anew under an old id is another one";
    loader().forget("players");
    EXPECT_THAT(ids(*players), IsEmpty());
}

TEST_F(JwtKeyLoaderTest, ForgettingDuringAFetchTellsThoseWhoWait)
{
    server.behave([](QTcpSocket &) {});
    const auto players = gateway(server.uri());
    bool answered = false;
    loader().refresh(players, 0, [&answered] { answered = true; });
    EXPECT_TRUE(waitFor([&] { return server.requests().size() == 1; }));
    loader().forget("players");
    EXPECT_TRUE(answered);
}

} // namespace mws
