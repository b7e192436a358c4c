#include "client/client_test.h"
#include "client/scripted_server.h"

namespace mws::test {

using ::testing::HasSubstr;

/// Providers as they are in the world, in front of a real gateway.
class Provider : public ClientTest
{
protected:
    /// What a provider that works answers: a URI of the gateway.
    QByteArray good(const char *tag = "a")
    {
        const Issued issued = backend.reserve({tag});
        return ScriptedServer::http("200 OK", QByteArray::fromStdString(R"({"uri":")" + issued.uri + "\"}"));
    }
    /// Opens with this answer and then a good one, and gives what was said about the first.
    std::string complaintOf(const QByteArray &answer)
    {
        server.add(answer);
        server.add(good());
        app.client.open();
        EXPECT_TRUE(app.waitForOpen());
        EXPECT_EQ(app.failed.count(), 1);
        return app.text(app.failed, 0);
    }

    ScriptedServer server;
    RecordedClient app{server.url()};
};

namespace {

/// With the names of the fields in small letters, as Qt 6.8 sends them.
std::string withSmallNames(QByteArray request)
{
    const qsizetype body = request.indexOf("\r\n\r\n");
    for (qsizetype line = request.indexOf("\r\n") + 2; line > 1 && line < body;
         line = request.indexOf("\r\n", line) + 2) {
        const qsizetype size = request.indexOf(':', line) - line;
        request.replace(line, size, request.mid(line, size).toLower());
    }
    return request.toStdString();
}

} // namespace

TEST_F(Provider, IsAskedWithTheFieldsAndTheBearer)
{
    server.add(good());
    app.client.setProviderHeaders({{QStringLiteral("X-Device"), QStringLiteral("tablet 7")},
                                   {QStringLiteral("Authorization"), QStringLiteral("Basic abc")}});
    app.client.setBearer(QStringLiteral("user-token"));
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    const std::string request = withSmallNames(server.requests().value(0));
    EXPECT_THAT(request, ::testing::StartsWith("GET /uri HTTP/1.1\r\n"));
    EXPECT_THAT(request, HasSubstr("\r\nx-device: tablet 7\r\n"));
    EXPECT_THAT(request, HasSubstr("\r\nauthorization: Bearer user-token\r\n"));
    EXPECT_THAT(request, Not(HasSubstr("Basic")));
}

TEST_F(Provider, IsPostedABody)
{
    server.add(good());
    app.client.setProviderBody(QStringLiteral(R"({"room":"Küche"})"));
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    const std::string request = withSmallNames(server.requests().value(0));
    EXPECT_THAT(request, ::testing::StartsWith("POST /uri HTTP/1.1\r\n"));
    EXPECT_THAT(request, HasSubstr("\r\ncontent-type: application/json\r\n"));
    EXPECT_THAT(request, ::testing::EndsWith("\r\n\r\n{\"room\":\"K\u00fcche\"}"));
}

TEST_F(Provider, IsAskedAnewForEachAttempt)
{
    server.add(good("first"));
    server.add(good("second"));
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    backend.call("DELETE", "/sockets?tag=first&code=4001");
    ASSERT_TRUE(app.waitForOpen(2));
    EXPECT_EQ(server.requests().size(), 2);
}

TEST_F(Provider, RetryAfterOfA503IsKept)
{
    EXPECT_THAT(complaintOf(ScriptedServer::http("503 Service Unavailable", "later", "Retry-After: 1\r\n")),
                HasSubstr("503 Service Unavailable"));
    EXPECT_GE(app.failed.at(0).at(1).toInt(), 1000);
    EXPECT_LE(app.failed.at(0).at(1).toInt(), 1020);
}

TEST_F(Provider, RetryAfterOfA429IsKept)
{
    EXPECT_THAT(complaintOf(ScriptedServer::http("429 Too Many Requests", {}, "Retry-After: 1\r\n")),
                HasSubstr("429 Too Many Requests"));
    EXPECT_GE(app.failed.at(0).at(1).toInt(), 1000);
}

TEST_F(Provider, RefusalIsTheEnd)
{
    for (const char *status : {"401 Unauthorized", "403 Forbidden", "404 Not Found"}) {
        ScriptedServer refusing;
        refusing.add(ScriptedServer::http(status, "{}", "WWW-Authenticate: Bearer\r\n"));
        RecordedClient client(refusing.url());
        client.client.open();
        ASSERT_TRUE(client.waitForState(MwsClient::Failed));
        EXPECT_THAT(client.text(client.errors, 0), HasSubstr(status));
        EXPECT_EQ(client.failed.count(), 0);
        EXPECT_EQ(refusing.requests().size(), 1);
    }
}

TEST_F(Provider, GarbageIsNotTheEnd)
{
    EXPECT_THAT(complaintOf(ScriptedServer::http("200 OK", "<html>Log in to the hotel's network</html>")),
                HasSubstr("is not a JSON object"));
}

TEST_F(Provider, AnswerThatIsNotHttpIsNotTheEnd)
{
    server.add("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    app.client.open();
    ASSERT_TRUE(waitUntil([&] { return app.failed.count() == 2; }, longPatience));
    EXPECT_THAT(app.text(app.failed, 0), ::testing::StartsWith("127.0.0.1: "));
    EXPECT_EQ(app.errors.count(), 0);
}

TEST_F(Provider, AnswerThatBreaksOffIsNotTheEnd)
{
    EXPECT_THAT(complaintOf("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"uri\":\"ws:"),
                HasSubstr("127.0.0.1: "));
}

TEST_F(Provider, LongAnswerIsCutOff)
{
    EXPECT_THAT(complaintOf(ScriptedServer::http("200 OK", "{\"uri\":\"" + QByteArray(65536, 'a') + "\"}")),
                HasSubstr("longer than 65536 bytes"));
}

TEST_F(Provider, EndlessAnswerIsCutOff)
{
    server.addEndless("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    server.add(good());
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    EXPECT_THAT(app.text(app.failed, 0), HasSubstr("longer than 65536 bytes"));
    EXPECT_TRUE(waitUntil([&] { return server.openConnections() == 0; }, longPatience)) << "it was read on";
    EXPECT_GE(server.endlessBytes(), 65536);
}

TEST_F(Provider, EndlessHeadEndsWithTheTime)
{
    server.addEndless("HTTP/1.1 200 OK\r\nX: ");
    app.client.setProviderTimeout(300);
    app.client.open();
    ASSERT_TRUE(waitUntil([&] { return app.failed.count() == 1; }, longPatience));
    EXPECT_FALSE(app.text(app.failed, 0).empty());
}

TEST_F(Provider, SilenceEndsWithTheTime)
{
    server.addSilence();
    server.add(good());
    app.client.setProviderTimeout(300);
    app.client.open();
    ASSERT_TRUE(waitUntil([&] { return app.failed.count() >= 1; }, longPatience));
    EXPECT_THAT(app.text(app.failed, 0), HasSubstr("did not answer within 300 ms"));
    app.client.setProviderTimeout(20000);
    EXPECT_TRUE(app.waitForOpen());
}

TEST_F(Provider, RedirectWithinItsOriginIsFollowed)
{
    server.add(ScriptedServer::http("307 Temporary Redirect", {}, "Location: /v2/uri\r\n"));
    server.add(good());
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    EXPECT_TRUE(server.requests().value(1).startsWith("GET /v2/uri HTTP/1.1\r\n"));
    EXPECT_EQ(app.failed.count(), 0);
}

TEST_F(Provider, RedirectElsewhereIsNotFollowed)
{
    ScriptedServer other;
    other.add(good());
    app.client.setBearer(QStringLiteral("user-token"));
    EXPECT_THAT(
        complaintOf(ScriptedServer::http("302 Found", {}, "Location: " + other.url().toEncoded() + "\r\n")),
        HasSubstr("redirects to another place"));
    EXPECT_EQ(other.requests().size(), 0);
}

TEST_F(Provider, WebSocketServerThatHangsIsGivenUp)
{
    ScriptedServer hanging;
    hanging.addSilence();
    const QByteArray uri = "ws" + hanging.url("/socket").toEncoded().mid(4);
    server.add(ScriptedServer::http("200 OK", "{\"uri\":\"" + uri + "\"}"));
    server.add(good());
    app.client.setConnectTimeout(300);
    app.client.open();
    ASSERT_TRUE(waitUntil([&] { return app.failed.count() >= 1; }, longPatience));
    EXPECT_THAT(app.text(app.failed, 0), HasSubstr("did not open the socket within 300 ms"));
    app.client.setConnectTimeout(20000);
    ASSERT_TRUE(app.waitForOpen());
    EXPECT_EQ(hanging.requests().size(), 1);
    EXPECT_THAT(hanging.requests().value(0).toStdString(), Not(HasSubstr("Authorization")));
}

TEST_F(Provider, CanBeCalledOffWhileItIsAsked)
{
    server.addSilence();
    app.client.open();
    ASSERT_TRUE(waitUntil([&] { return server.requests().size() == 1; }, longPatience));
    app.client.close();
    EXPECT_EQ(app.client.state(), MwsClient::Idle);
    EXPECT_TRUE(waitUntil([&] { return server.openConnections() == 0; }, longPatience));
}

TEST_F(Provider, ClientMayBeDeletedWhenAnAttemptFails)
{
    server.add(ScriptedServer::http("500 Internal Server Error", {}));
    auto *client = new MwsClient;
    QPointer<MwsClient> alive(client);
    client->setProviderUrl(server.url());
    QObject::connect(client, &MwsClient::attemptFailed, client, [client] { delete client; });
    client->open();
    EXPECT_TRUE(waitUntil([&] { return !alive; }, longPatience));
}

TEST_F(Provider, ClientMayBeDeletedWhenItGivesUp)
{
    server.add(ScriptedServer::http("401 Unauthorized", {}));
    auto *client = new MwsClient;
    QPointer<MwsClient> alive(client);
    client->setProviderUrl(server.url());
    QObject::connect(client, &MwsClient::errorOccurred, client, [client] { delete client; });
    client->open();
    EXPECT_TRUE(waitUntil([&] { return !alive; }, longPatience));
}

/// A function, or a signal, instead of a URL.
class UriFunction : public ClientTest
{
protected:
    QUrl fresh() { return QUrl(QString::fromStdString(backend.reserve().uri)); }
    RecordedClient app;
};

TEST_F(UriFunction, AnswersAtOnceOrLater)
{
    for (const bool isLater : {false, true}) {
        RecordedClient client;
        client.client.setUriProvider([&](MwsClient::UriAnswer answer) {
            const auto tell = [answer, uri = fresh()] { answer(MwsUriAnswer::of(uri)); };
            if (isLater)
                QTimer::singleShot(1, qApp, tell);
            else
                tell();
        });
        client.client.open();
        ASSERT_TRUE(client.waitForOpen());
    }
}

TEST_F(UriFunction, MayFailForNowAndFetchANewToken)
{
    int asked = 0;
    app.client.setUriProvider([&](MwsClient::UriAnswer answer) {
        answer(++asked == 1 ? MwsUriAnswer::failed(QStringLiteral("the token has expired"), 50)
                            : MwsUriAnswer::of(fresh()));
    });
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    EXPECT_EQ(app.text(app.failed, 0), "the token has expired");
    EXPECT_GE(app.failed.at(0).at(1).toInt(), 50);
}

TEST_F(UriFunction, MayRefuse)
{
    app.client.setUriProvider(
        [](MwsClient::UriAnswer answer) { answer(MwsUriAnswer::refused(QStringLiteral("logged out"))); });
    app.client.open();
    ASSERT_TRUE(app.waitForState(MwsClient::Failed));
    EXPECT_EQ(app.client.errorString(), QStringLiteral("logged out"));
}

TEST_F(UriFunction, WithoutAnAnswerTheAttemptEndsWithTheTime)
{
    MwsClient::UriAnswer late;
    int asked = 0;
    app.client.setProviderTimeout(100);
    app.client.setUriProvider([&](MwsClient::UriAnswer answer) {
        if (++asked == 1)
            late = std::move(answer);
    });
    app.client.open();
    ASSERT_TRUE(waitUntil([&] { return asked == 2; }, longPatience));
    EXPECT_THAT(app.text(app.failed, 0), HasSubstr("did not answer within 100 ms"));
    late(MwsUriAnswer::of(fresh())); // of an attempt that is over
    ASSERT_TRUE(waitUntil([&] { return asked == 4; }, longPatience));
    EXPECT_EQ(app.opened.count(), 0);
}

TEST_F(UriFunction, AnswerForAClientThatIsGoneHasNoEffect)
{
    MwsClient::UriAnswer late;
    {
        MwsClient client;
        client.setUriProvider([&](MwsClient::UriAnswer answer) { late = std::move(answer); });
        client.open();
        ASSERT_TRUE(waitUntil([&] { return bool(late); }, longPatience));
    }
    late(MwsUriAnswer::of(fresh()));
    EXPECT_EQ(openSockets(), 0);
}

TEST_F(UriFunction, MayDeleteTheClient)
{
    auto *client = new MwsClient;
    QPointer<MwsClient> alive(client);
    client->setUriProvider([&](MwsClient::UriAnswer) { delete client; });
    client->open();
    EXPECT_TRUE(waitUntil([&] { return !alive; }, longPatience));
}

TEST_F(UriFunction, SignalIsAnsweredByACall)
{
    EXPECT_FALSE(app.client.provideUri(fresh())) << "nobody has asked";
    int asked = 0;
    QObject::connect(&app.client, &MwsClient::uriRequested, &app.client, [&] {
        if (++asked == 1)
            EXPECT_TRUE(app.client.failUri(QStringLiteral("not yet")));
        else
            EXPECT_TRUE(app.client.provideUri(fresh()));
    });
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    EXPECT_EQ(app.text(app.failed, 0), "not yet");
}

TEST_F(UriFunction, NothingThatSaysWhereToIsTheEnd)
{
    app.client.open();
    ASSERT_TRUE(app.waitForState(MwsClient::Failed));
    EXPECT_THAT(app.client.errorString().toStdString(), HasSubstr("set url, providerUrl or a URI provider"));
}

TEST_F(UriFunction, FixedUrlOfAnotherSchemeIsTheEnd)
{
    app.client.setUrl(QUrl(QStringLiteral("http://127.0.0.1/")));
    app.client.open();
    ASSERT_TRUE(app.waitForState(MwsClient::Failed));
    EXPECT_THAT(app.client.errorString().toStdString(), HasSubstr("scheme 'http'"));
}

} // namespace mws::test
