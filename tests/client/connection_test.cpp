#include "client/client_test.h"

#include <QThread>

namespace mws::test {

using ::testing::HasSubstr;

class ClientConnection : public ClientTest
{
protected:
    std::string onlySocket() { return JsonView(backend.get("/sockets").body).string("/results/0/id"); }
};

TEST_F(ClientConnection, AsksForAUriAndReceivesTextAndBinary)
{
    RecordedClient app(provider());
    EXPECT_EQ(app.client.state(), MwsClient::Idle);
    app.client.open();
    EXPECT_EQ(app.client.state(), MwsClient::FetchingUri);
    ASSERT_TRUE(app.waitForOpen());
    EXPECT_TRUE(app.client.isActive());
    EXPECT_TRUE(app.client.expiresAt().isValid());
    const QString text = QString::fromUtf8("Gr\u00fc\u00dfe \U0001F6EB");
    backend.sendToAll(text.toStdString());
    backend.post("/messages", R"({"data":"AAEC","encoding":"base64","receivers":{"sockets":["*"]}})");
    ASSERT_TRUE(waitUntil([&] { return app.texts.count() == 1 && app.binaries.count() == 1; }, longPatience));
    EXPECT_EQ(app.texts.at(0).at(0).toString(), text);
    EXPECT_EQ(app.binaries.at(0).at(0).toByteArray(), QByteArray("\x00\x01\x02", 3));
    QList<int> states;
    for (const auto &state : app.states)
        states.append(state.at(0).toInt());
    EXPECT_EQ(states, (QList<int>{MwsClient::FetchingUri, MwsClient::Connecting, MwsClient::Open}));
}

TEST_F(ClientConnection, SendsTextAndBinaryInOrder)
{
    RecordedClient app(provider());
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    for (int i = 0; i < 100; ++i)
        ASSERT_TRUE(app.client.send(QString::number(i)));
    EXPECT_TRUE(app.client.send(QString()));
    EXPECT_TRUE(app.client.sendBinary(QByteArray("\x00\xff", 2)));
    ASSERT_TRUE(
        waitUntil([&] { return app.texts.count() == 101 && app.binaries.count() == 1; }, longPatience));
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(app.texts.at(i).at(0).toString(), QString::number(i));
    EXPECT_EQ(app.texts.at(100).at(0).toString(), QString());
    EXPECT_EQ(app.binaries.at(0).at(0).toByteArray(), QByteArray("\x00\xff", 2));
}

TEST_F(ClientConnection, SaysThatNothingWasSentUnlessItIsOpen)
{
    RecordedClient app(provider());
    EXPECT_FALSE(app.client.send(QStringLiteral("early")));
    EXPECT_FALSE(app.client.sendBinary("early"));
    app.client.open();
    EXPECT_FALSE(app.client.send(QStringLiteral("early")));
    ASSERT_TRUE(app.waitForOpen());
    app.client.close();
    EXPECT_FALSE(app.client.send(QStringLiteral("late")));
    ASSERT_TRUE(app.waitForState(MwsClient::Idle));
    EXPECT_EQ(app.texts.count(), 0);
}

TEST_F(ClientConnection, HandsOverNoMoreThanMayWait)
{
    RecordedClient app(provider());
    app.client.setMaxBytesToWrite(1000);
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    EXPECT_TRUE(app.client.send(QString(5000, QLatin1Char('a')))) << "one message always fits";
    EXPECT_GT(app.client.bytesToWrite(), 0);
    EXPECT_FALSE(app.client.send(QStringLiteral("b")));
    EXPECT_FALSE(app.client.sendBinary("b"));
    ASSERT_TRUE(waitUntil([&] { return app.client.bytesToWrite() == 0; }, longPatience));
    EXPECT_TRUE(app.client.send(QStringLiteral("c")));
    ASSERT_TRUE(waitUntil([&] { return app.texts.count() == 2; }, longPatience));
    EXPECT_EQ(app.text(app.texts, 1), "c");
}

TEST_F(ClientConnection, TellsWhenWhatWasSentIsWithTheSystem)
{
    RecordedClient app(provider());
    QSignalSpy written(&app.client, &MwsClient::bytesWritten);
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    written.clear();
    ASSERT_TRUE(app.client.sendBinary(QByteArray(1000, 'x')));
    ASSERT_TRUE(
        waitUntil([&] { return app.client.bytesToWrite() == 0 && written.count() > 0; }, longPatience));
}

TEST_F(ClientConnection, BackendsNormalCloseIsTheEnd)
{
    RecordedClient app(provider());
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    ASSERT_EQ(backend.call("DELETE", "/sockets/" + onlySocket() + "?code=1000&reason=done").status, 200);
    ASSERT_TRUE(waitUntil([&] { return app.closed.count() == 1; }, longPatience));
    EXPECT_EQ(app.client.state(), MwsClient::Idle);
    EXPECT_FALSE(app.client.isActive());
    EXPECT_EQ(app.client.closeCode(), 1000);
    EXPECT_EQ(app.client.closeReason(), QStringLiteral("done"));
    EXPECT_EQ(app.opened.count(), 1);
    EXPECT_EQ(app.errors.count(), 0);
}

TEST_F(ClientConnection, OtherCloseCodesLeadToANewUri)
{
    RecordedClient app(provider());
    app.client.open();
    int times = 0;
    for (const int code : {4001, 1001, 1008, 1011}) {
        ASSERT_TRUE(app.waitForOpen(++times));
        ASSERT_EQ(
            backend.call("DELETE", "/sockets/" + onlySocket() + "?reason=moved&code=" + std::to_string(code))
                .status,
            200);
        ASSERT_TRUE(waitUntil([&] { return app.closed.count() == times; }, longPatience));
        EXPECT_EQ(app.closed.at(times - 1).at(0).toInt(), code);
        EXPECT_EQ(app.text(app.closed, times - 1, 1), "moved");
    }
    ASSERT_TRUE(app.waitForOpen(++times));
    EXPECT_EQ(app.client.failedAttempts(), 4) << "none of them held";
    backend.sendToAll("back");
    EXPECT_TRUE(waitUntil([&] { return app.texts.count() == 1; }, longPatience));
}

TEST_F(ClientConnection, ConnectionThatHeldResetsTheCount)
{
    RecordedClient app(provider());
    app.client.setStableAfter(1);
    app.client.open();
    for (int times = 1; times <= 3; ++times) {
        ASSERT_TRUE(app.waitForOpen(times));
        letPass(std::chrono::milliseconds(2));
        backend.call("DELETE", "/sockets/" + onlySocket() + "?code=4001");
    }
    ASSERT_TRUE(app.waitForOpen(4));
    EXPECT_EQ(app.client.failedAttempts(), 1);
}

TEST_F(ClientConnection, FinalCloseCodesAreTheApplications)
{
    RecordedClient app(provider());
    app.client.setFinalCloseCodes({4000});
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    backend.call("DELETE", "/sockets/" + onlySocket() + "?code=1000");
    ASSERT_TRUE(app.waitForOpen(2));
    backend.call("DELETE", "/sockets/" + onlySocket() + "?code=4000&reason=logged+out");
    ASSERT_TRUE(app.waitForState(MwsClient::Idle));
    EXPECT_EQ(app.client.closeCode(), 4000);
}

TEST_F(ClientConnection, ClosesWithCodeAndReasonAndIsGoneFromTheList)
{
    RecordedClient app(provider());
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    app.client.close(4123, QString(200, QChar(0x20AC)));
    EXPECT_EQ(app.client.state(), MwsClient::Closing);
    EXPECT_EQ(app.closed.count(), 0) << "from the event loop only";
    ASSERT_TRUE(waitUntil([&] { return app.closed.count() == 1; }, longPatience));
    EXPECT_EQ(app.client.state(), MwsClient::Idle);
    EXPECT_EQ(app.closed.at(0).at(0).toInt(), 4123);
    EXPECT_EQ(app.closed.at(0).at(1).toString(), QString(41, QChar(0x20AC))) << "cut at whole characters";
    EXPECT_TRUE(waitUntil([&] { return openSockets() == 0; }, longPatience));
}

TEST_F(ClientConnection, OpenWhileItClosesMeansAgain)
{
    RecordedClient app(provider());
    app.client.setActive(true);
    ASSERT_TRUE(app.waitForOpen());
    app.client.setActive(false);
    app.client.setActive(true);
    EXPECT_TRUE(app.client.isActive());
    ASSERT_TRUE(app.waitForOpen(2));
    EXPECT_EQ(app.closed.count(), 1);
}

TEST_F(ClientConnection, CanBeCalledOffAtAnyStep)
{
    for (const auto step : {MwsClient::FetchingUri, MwsClient::Connecting, MwsClient::Open}) {
        RecordedClient app(provider());
        QObject::connect(&app.client, &MwsClient::stateChanged, &app.client, [&](MwsClient::State state) {
            if (state == step)
                app.client.close();
        });
        app.client.open();
        ASSERT_TRUE(app.waitForState(MwsClient::Idle)) << step;
        EXPECT_EQ(app.opened.count(), 0) << step;
        EXPECT_TRUE(waitUntil([&] { return openSockets() == 0; }, longPatience)) << step;
    }
}

TEST_F(ClientConnection, MayBeDeletedInEachOfItsSignals)
{
    const auto run = [&](auto signal, bool isClosed) {
        auto client = new MwsClient;
        QPointer<MwsClient> alive(client);
        client->setProviderUrl(provider());
        QObject::connect(client, signal, client, [&] { delete client; });
        QObject::connect(client, &MwsClient::opened, client, [client, isClosed] {
            client->send(QStringLiteral("one"));
            client->send(QStringLiteral("two"));
            client->sendBinary("three");
            if (isClosed)
                client->close();
        });
        client->open();
        EXPECT_TRUE(waitUntil([&] { return !alive; }, longPatience));
    };
    run(&MwsClient::stateChanged, false);
    run(&MwsClient::opened, false);
    run(&MwsClient::messageReceived, false);
    run(&MwsClient::binaryMessageReceived, false);
    run(&MwsClient::closed, true);
    run(&MwsClient::activeChanged, true);
    EXPECT_TRUE(waitUntil([&] { return openSockets() == 0; }, longPatience));
}

TEST_F(ClientConnection, MessageAfterCloseInASlotIsStillOneOfThatConnection)
{
    RecordedClient app(provider());
    QObject::connect(&app.client, &MwsClient::messageReceived, &app.client, [&] { app.client.close(); });
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    for (int i = 0; i < 10; ++i)
        app.client.send(QString::number(i));
    ASSERT_TRUE(app.waitForState(MwsClient::Idle));
    EXPECT_EQ(app.closed.count(), 1);
    EXPECT_GE(app.texts.count(), 1);
}

TEST_F(ClientConnection, GoesAwayWith1001)
{
    RawWebSocket watcher = backend.open({"watcher"}).socket;
    {
        RecordedClient app(provider());
        app.client.open();
        ASSERT_TRUE(app.waitForOpen());
    }
    EXPECT_TRUE(waitUntil([&] { return openSockets() == 1; }, longPatience));
    EXPECT_TRUE(watcher.connection().isOpen());
}

TEST_F(ClientConnection, TooLargeAMessageClosesWith1009)
{
    RecordedClient app(provider());
    app.client.setMaxMessageSize(1000);
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    backend.sendToAll(std::string(1000, 'f'));
    ASSERT_TRUE(waitUntil([&] { return app.texts.count() == 1; }, longPatience));
    backend.sendToAll(std::string(1001, 't'));
    ASSERT_TRUE(waitUntil([&] { return app.closed.count() == 1; }, longPatience));
    EXPECT_EQ(app.client.closeCode(), 1009);
    ASSERT_TRUE(app.waitForOpen(2));
    EXPECT_EQ(app.texts.count(), 1);
}

TEST_F(ClientConnection, LivesInAThreadOfItsOwn)
{
    QThread thread;
    thread.start();
    auto *client = new MwsClient;
    client->setProviderUrl(provider());
    client->moveToThread(&thread);
    QObject::connect(&thread, &QThread::finished, client, &QObject::deleteLater);
    QObject::connect(client, &MwsClient::opened, client, [client] { client->send(QStringLiteral("hello")); });
    std::atomic<bool> isRight = false;
    QObject::connect(client, &MwsClient::messageReceived, client,
                     [&] { isRight = QThread::currentThread() == &thread; });
    QString received;
    QObject::connect(client, &MwsClient::messageReceived, qApp,
                     [&](const QString &message) { received = message; });
    QMetaObject::invokeMethod(client, &MwsClient::open, Qt::QueuedConnection);
    EXPECT_TRUE(waitUntil([&] { return received == QStringLiteral("hello"); }, longPatience));
    EXPECT_TRUE(isRight);
    thread.quit();
    EXPECT_TRUE(thread.wait(std::chrono::seconds(30)));
}

TEST_F(ClientConnection, SubprotocolIsOfferedAndChosen)
{
    RecordedClient app(provider());
    app.client.setSubprotocols({QStringLiteral("chat.v2"), QStringLiteral("chat.v1")});
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    EXPECT_EQ(app.client.subprotocol(), QStringLiteral("chat.v2"));
}

TEST_F(ClientConnection, PostReservesASocketAndKnowsItsIdAndTags)
{
    RecordedClient app(at("sockets"));
    app.client.setBearer(QString::fromLatin1(securityToken));
    app.client.setProviderBody(QStringLiteral(R"({"tags":["players"]})"));
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    EXPECT_EQ(app.client.socketId().toStdString(), onlySocket());
    EXPECT_EQ(app.client.tags(), QStringList(QStringLiteral("players")));
    backend.sendToTag("players", "go");
    EXPECT_TRUE(waitUntil([&] { return app.texts.count() == 1; }, longPatience));
}

/// Where the gateway says who may come.
class ClientAdmission : public ClientTest
{
protected:
    ClientAdmission()
        : ClientTest(lastingGateway(
              {{"ACCESS_CONTROL", "custom"}, {"MWS_GATEWAY_ALLOWED_ORIGINS", "https://app.example"}}))
    {}
};

TEST_F(ClientAdmission, RefusedBearerIsTheEndAndIsNotRepeated)
{
    RecordedClient app(provider());
    app.client.setBearer(QString::fromStdString(gateway.secret("stolen-token-91ab")));
    app.client.open();
    ASSERT_TRUE(app.waitForState(MwsClient::Failed));
    EXPECT_FALSE(app.client.isActive());
    EXPECT_EQ(app.errors.count(), 1);
    EXPECT_THAT(app.client.errorString().toStdString(), HasSubstr("401 Unauthorized"));
    EXPECT_THAT(app.client.errorString().toStdString(), Not(HasSubstr("stolen")));
    app.client.setBearer(QString::fromLatin1(securityToken));
    app.client.setOrigin(QStringLiteral("https://app.example"));
    app.client.open();
    EXPECT_TRUE(app.waitForOpen());
}

TEST_F(ClientAdmission, OriginIsSent)
{
    RecordedClient app(provider());
    app.client.setBearer(QString::fromLatin1(securityToken));
    app.client.setOrigin(QStringLiteral("https://evil.example"));
    app.client.open();
    ASSERT_TRUE(waitUntil([&] { return app.failed.count() >= 2; }, longPatience));
    EXPECT_THAT(app.text(app.failed, 0), HasSubstr("403 Forbidden"));
    app.client.setOrigin(QStringLiteral("https://app.example"));
    EXPECT_TRUE(app.waitForOpen());
}

TEST_F(ClientAdmission, FixedUrlOpensAgainWithAReusableReservation)
{
    RecordedClient app;
    app.client.setUrl(QUrl(QString::fromStdString(backend.reserve({"a"}, R"("reuse":true)").uri)));
    app.client.setOrigin(QStringLiteral("https://app.example"));
    app.client.open();
    EXPECT_EQ(app.client.state(), MwsClient::Connecting);
    ASSERT_TRUE(app.waitForOpen());
    gateway.kill();
    gateway.start();
    EXPECT_TRUE(app.waitForOpen(2));
}

TEST_F(ClientAdmission, FixedUrlThatIsSpentIsTheEnd)
{
    const Issued issued = backend.reserve();
    RecordedClient app;
    app.client.setUrl(QUrl(QString::fromStdString(issued.uri)));
    app.client.setOrigin(QStringLiteral("https://app.example"));
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    backend.call("DELETE", "/sockets/" + issued.id + "?code=4001");
    ASSERT_TRUE(app.waitForState(MwsClient::Failed));
    EXPECT_THAT(app.client.errorString().toStdString(), HasSubstr("401 Unauthorized"));
}

TEST_F(ClientAdmission, FixedUrlThatIsRevokedIsTheEnd)
{
    const Issued issued = backend.reserve({}, R"("reuse":true)");
    RecordedClient app;
    app.client.setUrl(QUrl(QString::fromStdString(issued.uri)));
    app.client.setOrigin(QStringLiteral("https://app.example"));
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    backend.call("DELETE", "/sockets/" + issued.id + "?code=1008&reason=revoked");
    ASSERT_TRUE(app.waitForState(MwsClient::Failed));
    EXPECT_EQ(app.client.closeCode(), 1008);
    EXPECT_EQ(app.closed.count(), 1);
    EXPECT_EQ(app.errors.count(), 1);
    EXPECT_THAT(app.text(app.errors, 0), HasSubstr("1008: revoked"));
}

} // namespace mws::test
