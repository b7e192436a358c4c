#include "client/client_test.h"

#include <csignal>

namespace mws::test {

using ::testing::HasSubstr;

/// The gateway ends in all ways that it can, and comes back on its port.
class Reconnect : public ClientTest
{};

TEST_F(Reconnect, AfterACrash)
{
    RecordedClient app(provider());
    app.client.open();
    for (int life = 1; life <= 3; ++life) {
        ASSERT_TRUE(app.waitForOpen(life));
        gateway.kill();
        ASSERT_TRUE(waitUntil([&] { return app.closed.count() == life; }, longPatience));
        EXPECT_EQ(app.closed.at(life - 1).at(0).toInt(), 1006);
        EXPECT_THAT(app.text(app.closed, life - 1, 1), HasSubstr("the connection was lost"));
        EXPECT_TRUE(app.client.isActive());
        ASSERT_TRUE(waitUntil([&] { return app.failed.count() >= life; }, longPatience)) << "nobody is there";
        EXPECT_THAT(app.client.errorString().toStdString(), HasSubstr("refused"));
        gateway.start();
    }
    ASSERT_TRUE(app.waitForOpen(4));
    backend.sendToAll("back");
    EXPECT_TRUE(waitUntil([&] { return app.texts.count() == 1; }, longPatience));
    EXPECT_EQ(app.client.errorString(), QString());
}

TEST_F(Reconnect, AfterADrain)
{
    RecordedClient app(provider());
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    gateway.signal(SIGTERM);
    ASSERT_TRUE(waitUntil([&] { return app.closed.count() == 1; }, longPatience));
    EXPECT_EQ(app.closed.at(0).at(0).toInt(), 1001);
    EXPECT_EQ(gateway.waitForExit(longPatience), 0);
    gateway.start();
    ASSERT_TRUE(app.waitForOpen(2));
    backend.sendToAll("back");
    EXPECT_TRUE(waitUntil([&] { return app.texts.count() == 1; }, longPatience));
}

TEST_F(Reconnect, WhenTheServerNoLongerAnswersPings)
{
    RecordedClient app(provider());
    app.client.setPingInterval(50);
    app.client.setPongTimeout(2000); // a busy machine answers within
    app.client.setProviderTimeout(500);
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    gateway.signal(SIGSTOP);
    ASSERT_TRUE(waitUntil([&] { return app.closed.count() == 1; }, longPatience));
    EXPECT_EQ(app.closed.at(0).at(0).toInt(), 1006);
    EXPECT_THAT(app.text(app.closed, 0, 1), HasSubstr("did not answer a ping within 2000 ms"));
    ASSERT_TRUE(waitUntil([&] { return app.failed.count() >= 1; }, longPatience));
    EXPECT_THAT(app.text(app.failed, 0), HasSubstr("did not answer within 500 ms"));
    gateway.signal(SIGCONT);
    app.client.setProviderTimeout(20000);
    ASSERT_TRUE(app.waitForOpen(2));
    backend.sendToAll("back");
    EXPECT_TRUE(waitUntil([&] { return app.texts.count() == 1; }, longPatience));
}

TEST_F(Reconnect, NotWhilePingsAreAnswered)
{
    RecordedClient app(provider());
    app.client.setPingInterval(1);
    app.client.setPongTimeout(20000);
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(app.client.send(QString::number(i)));
        ASSERT_TRUE(waitUntil([&] { return app.texts.count() == i + 1; }, longPatience));
    }
    EXPECT_EQ(app.closed.count(), 0);
}

TEST_F(Reconnect, WithANewUriWhenOneIsSpent)
{
    const Issued spent = backend.reserve();
    RawWebSocket first = backend.openIssued(spent);
    RecordedClient app;
    int asked = 0;
    app.client.setUriProvider([&](MwsClient::UriAnswer answer) {
        answer(
            MwsUriAnswer::of(QUrl(QString::fromStdString(++asked < 3 ? spent.uri : backend.reserve().uri))));
    });
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    EXPECT_EQ(asked, 3);
    EXPECT_EQ(app.failed.count(), 2);
    EXPECT_THAT(app.text(app.failed, 0), HasSubstr("401 Unauthorized"));
}

TEST_F(Reconnect, IsGivenUpAfterTheMostAttempts)
{
    RecordedClient app(provider());
    app.client.setMaxAttempts(3);
    gateway.kill();
    app.client.open();
    ASSERT_TRUE(app.waitForState(MwsClient::Failed));
    EXPECT_EQ(app.failed.count(), 2);
    EXPECT_EQ(app.errors.count(), 1);
    EXPECT_EQ(app.client.failedAttempts(), 3);
}

TEST_F(Reconnect, PauseEndsWithCloseOrOpen)
{
    RecordedClient app(provider());
    app.client.setInitialDelay(3600000);
    app.client.setMaxDelay(3600000);
    gateway.kill();
    app.client.open();
    ASSERT_TRUE(app.waitForState(MwsClient::Waiting));
    EXPECT_GT(app.failed.at(0).at(1).toInt(), 0);
    EXPECT_GT(app.client.reconnectIn(), 0);
    EXPECT_LE(app.client.reconnectIn(), app.failed.at(0).at(1).toInt());
    app.client.close();
    EXPECT_EQ(app.client.state(), MwsClient::Idle);
    EXPECT_EQ(app.client.reconnectIn(), 0);
    app.client.open();
    ASSERT_TRUE(app.waitForState(MwsClient::Waiting));
    gateway.start();
    app.client.open();
    EXPECT_TRUE(app.waitForOpen());
}

TEST_F(Reconnect, IsCalledOffByCloseInTheSlot)
{
    RecordedClient app(provider());
    QObject::connect(&app.client, &MwsClient::closed, &app.client, [&] {
        EXPECT_EQ(app.client.state(), MwsClient::Waiting);
        app.client.close();
    });
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    gateway.kill();
    ASSERT_TRUE(app.waitForState(MwsClient::Idle));
    EXPECT_EQ(app.errors.count(), 0);
    EXPECT_FALSE(app.client.isActive());
}

TEST_F(Reconnect, ManyClientsComeBack)
{
    std::vector<std::unique_ptr<RecordedClient>> apps;
    for (int i = 0; i < 20; ++i) {
        apps.push_back(std::make_unique<RecordedClient>(provider()));
        apps.back()->client.open();
    }
    for (const auto &app : apps)
        ASSERT_TRUE(app->waitForOpen());
    gateway.kill();
    gateway.start();
    for (const auto &app : apps)
        ASSERT_TRUE(app->waitForOpen(2));
    EXPECT_EQ(openSockets(), 20);
}

} // namespace mws::test
