#include "identity/enginio_client.h"

#include "fake_enginio.h"
#include "support/fake_clock.h"

#include <QElapsedTimer>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>

namespace mws {

using namespace std::chrono_literals;
using test::FakeEnginio;
using test::waitFor;

struct EnginioClientTest : testing::Test
{
    test::FakeClock clock;
    FakeEnginio server{FakeEnginio::answer("200 OK", R"({"id":"42","usergroups":["admins"]})")};
    EnginioOptions options;
    std::unique_ptr<EnginioClient> made;

    EnginioClient &client()
    {
        if (!made)
            made = std::make_unique<EnginioClient>(clock, options);
        return *made;
    }
    void ask(const std::string &token, std::optional<Result<Identity>> &result)
    {
        client().ask({server.uri(), "backend-1"}, "key of " + token, token,
                     [&result](Result<Identity> answer) { result.emplace(std::move(answer)); });
    }
    Result<Identity> answerTo(const std::string &token)
    {
        std::optional<Result<Identity>> result;
        ask(token, result);
        if (!waitFor([&] { return result.has_value(); }))
            return Unexpected(ErrorCode::Internal, "no answer");
        return *result;
    }
    ErrorCode errorOf(const std::string &token)
    {
        const auto result = answerTo(token);
        EXPECT_FALSE(result);
        return result ? ErrorCode::Internal : result.error().code;
    }
};

TEST(EnginioUrl, AddsThePathWhereThereIsNone)
{
    EXPECT_EQ(enginioUrl("https://api.example.com").toString().toStdString(),
              "https://api.example.com/v1/user");
    EXPECT_EQ(enginioUrl("http://[::1]:80/").toString().toStdString(), "http://[::1]:80/v1/user");
    EXPECT_EQ(enginioUrl("http://host/me?a=b").toString().toStdString(), "http://host/me?a=b");
    for (const char *uri : {"", "host", "ftp://host/", "http://", "file:///etc/passwd", "http://a b/"})
        EXPECT_FALSE(enginioUrl(uri).isValid()) << uri;
}

TEST_F(EnginioClientTest, AsksAsEnginioExpectsIt)
{
    const auto identity = answerTo("secret");
    ASSERT_TRUE(identity) << identity.error().detail;
    EXPECT_EQ(*identity, (Identity{"42", {"admins"}}));
    ASSERT_EQ(server.requests().size(), 1u);
    const std::string head = server.requests().front().toLower().toStdString(); // Qt 6.8 sends names so
    EXPECT_THAT(head, testing::StartsWith("get /v1/user http/1.1\r\n"));
    EXPECT_THAT(head, testing::HasSubstr("\r\nauthorization: bearer secret\r\n"));
    EXPECT_THAT(head, testing::HasSubstr("\r\nenginio-backend-id: backend-1\r\n"));
    EXPECT_THAT(head, testing::HasSubstr("\r\naccept: application/json\r\n"));
}

TEST_F(EnginioClientTest, KeepsGoodAnswersOnly)
{
    EXPECT_TRUE(answerTo("good"));
    EXPECT_TRUE(answerTo("good"));
    EXPECT_EQ(server.requests().size(), 1u);
    clock.advance(30s);
    EXPECT_TRUE(answerTo("good"));
    EXPECT_EQ(server.requests().size(), 2u);
    server.behave(FakeEnginio::answer("401 Unauthorized", "{}", "WWW-Authenticate: Basic realm=\"x\"\r\n"));
    EXPECT_EQ(errorOf("bad"), ErrorCode::AuthenticationNeeded);
    EXPECT_EQ(errorOf("bad"), ErrorCode::AuthenticationNeeded);
    EXPECT_EQ(server.requests().size(), 4u);
}

TEST_F(EnginioClientTest, JoinsThoseWhoAskForTheSame)
{
    std::optional<Result<Identity>> first;
    std::optional<Result<Identity>> second;
    std::optional<Result<Identity>> other;
    ask("same", first);
    ask("same", second);
    ask("other", other);
    EXPECT_EQ(client().requestsInFlight(), 2u);
    EXPECT_TRUE(waitFor([&] { return first && second && other; }));
    EXPECT_TRUE(first->has_value() && second->has_value() && other->has_value());
    EXPECT_EQ(server.requests().size(), 2u);
    EXPECT_EQ(client().requestsInFlight(), 0u);
}

TEST_F(EnginioClientTest, RefusesMoreRequestsThanItMayHaveInFlight)
{
    options.requestsInFlight = 1;
    std::optional<Result<Identity>> first;
    std::optional<Result<Identity>> second;
    ask("first", first);
    ask("second", second);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->error().code, ErrorCode::Unavailable);
    EXPECT_TRUE(waitFor([&] { return first.has_value(); }));
    EXPECT_TRUE(first->has_value());
}

TEST_F(EnginioClientTest, SharesNoCookiesAmongUsers)
{
    server.behave(FakeEnginio::answer("200 OK", R"({"id":"42"})", "Set-Cookie: session=1; Path=/\r\n"));
    for (int i = 0; i < 8; ++i) // all its connections
        EXPECT_TRUE(answerTo(std::to_string(i)));
    for (const QByteArray &head : server.requests())
        EXPECT_FALSE(head.contains("Cookie"));
}

TEST_F(EnginioClientTest, DoesNotFollowRedirects)
{
    FakeEnginio elsewhere(FakeEnginio::answer("200 OK", R"({"id":"42"})"));
    server.behave(FakeEnginio::answer("302 Found", "",
                                      "Location: " + QByteArray::fromStdString(elsewhere.uri()) + "\r\n"));
    EXPECT_EQ(errorOf("token"), ErrorCode::Unavailable);
    EXPECT_TRUE(elsewhere.requests().empty());
}

TEST_F(EnginioClientTest, IsUnavailableForAServerThatSaysNothing)
{
    options.bounds.deadline = 50ms;
    server.behave([](QTcpSocket &) {});
    EXPECT_EQ(errorOf("token"), ErrorCode::Unavailable);
    EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(EnginioClientTest, IsUnavailableForAServerThatSendsAByteAtATime)
{
    options.bounds.deadline = 300ms;
    QElapsedTimer elapsed;
    elapsed.start();
    server.behave([](QTcpSocket &socket) {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n");
        auto *drip = new QTimer(&socket);
        QObject::connect(drip, &QTimer::timeout, &socket, [&socket] { socket.write(" "); });
        drip->start(10);
    });
    EXPECT_EQ(errorOf("token"), ErrorCode::Unavailable);
    EXPECT_GE(elapsed.elapsed(), 250);
    EXPECT_LT(elapsed.elapsed(), 5000);
}

TEST_F(EnginioClientTest, IsUnavailableForAServerThatIsAway)
{
    std::string uri;
    {
        FakeEnginio gone([](QTcpSocket &) {});
        uri = gone.uri();
    }
    std::optional<Result<Identity>> result;
    client().ask({uri, ""}, "key", "token",
                 [&](Result<Identity> answer) { result.emplace(std::move(answer)); });
    ASSERT_TRUE(waitFor([&] { return result.has_value(); }));
    EXPECT_EQ(result->error().code, ErrorCode::Unavailable);
}

TEST_F(EnginioClientTest, IsUnavailableForAnswersThatAreNone)
{
    const std::vector<FakeEnginio::Behaviour> behaviours{
        [](QTcpSocket &socket) { socket.abort(); },
        [](QTcpSocket &socket) { socket.disconnectFromHost(); },
        [](QTcpSocket &socket) {
            socket.write("\x16\x03\x01 this is not HTTP\r\n\r\n");
            socket.disconnectFromHost();
        },
        [](QTcpSocket &socket) {
            socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":\"42\"}");
            socket.disconnectFromHost();
        },
        FakeEnginio::answer("200 OK", "<html>"),
        FakeEnginio::answer("500 Internal Server Error", R"({"id":"42"})"),
        FakeEnginio::answer("204 No Content", ""),
    };
    for (size_t i = 0; i < behaviours.size(); ++i) {
        server.behave(behaviours[i]);
        EXPECT_EQ(errorOf(std::to_string(i)), ErrorCode::Unavailable) << i;
    }
}

TEST_F(EnginioClientTest, ReadsNoMoreThanTheLimit)
{
    const QByteArray start = R"({"id":"42","x":")";
    const QByteArray end = "\"}";
    const QByteArray filler(options.bounds.bytes - start.size() - end.size(), 'x');
    server.behave(FakeEnginio::answer("200 OK", start + filler + end));
    EXPECT_TRUE(answerTo("whole"));
    server.behave(FakeEnginio::answer("200 OK", start + filler + "x" + end));
    EXPECT_EQ(errorOf("one byte more"), ErrorCode::Unavailable);
    server.behave([](QTcpSocket &socket) {
        socket.write("HTTP/1.1 200 OK\r\n\r\n" + QByteArray(8 << 20, ' ')); // without a length or an end
    });
    EXPECT_EQ(errorOf("endless"), ErrorCode::Unavailable);
    EXPECT_TRUE(waitFor([&] { return server.sockets().back()->state() == QTcpSocket::UnconnectedState; }));
}

TEST_F(EnginioClientTest, AnswersThoseWhoWaitWhenItGoes)
{
    server.behave([](QTcpSocket &) {});
    std::optional<Result<Identity>> result;
    ask("token", result);
    EXPECT_TRUE(waitFor([&] { return !server.requests().empty(); }));
    made.reset();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->error().code, ErrorCode::Unavailable);
}

TEST_F(EnginioClientTest, IsUnavailableWithoutAUsableUrl)
{
    std::optional<Result<Identity>> result;
    client().ask({"gopher://host", ""}, "key", "token",
                 [&](Result<Identity> answer) { result.emplace(std::move(answer)); });
    ASSERT_TRUE(result);
    EXPECT_EQ(result->error().code, ErrorCode::Unavailable);
}

} // namespace mws
