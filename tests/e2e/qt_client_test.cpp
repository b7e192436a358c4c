#include "event_loop.h"
#include "support/gateway_test.h"
#include "support/test_certificates.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QSignalSpy>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QWebSocket>
#include <csignal>

namespace mws::test {

/// Qt's own clients: QNetworkAccessManager fetches the URI, QWebSocket opens it.
class QtClient : public GatewayTest
{
protected:
    QtClient()
        : GatewayTest(
              {.environment = {{"SECURITY_TOKEN", securityToken}, {"MWS_GATEWAY_CLIENT_MESSAGES", "echo"}}})
    {}

    QUrl socketUri()
    {
        QNetworkRequest request(
            QUrl(QStringLiteral("http://127.0.0.1:%1/v1/websocket_uri").arg(gateway.port())));
        const std::unique_ptr<QNetworkReply> reply(m_network.get(request));
        EXPECT_TRUE(waitUntil([&] { return reply->isFinished(); }));
        EXPECT_EQ(reply->error(), QNetworkReply::NoError);
        const QJsonObject answer = QJsonDocument::fromJson(reply->readAll()).object();
        return QUrl(answer.value(QStringLiteral("uri")).toString());
    }
    void open(QWebSocket &socket)
    {
        socket.open(socketUri());
        ASSERT_TRUE(waitUntil([&] { return socket.state() == QAbstractSocket::ConnectedState; }));
    }

private:
    QNetworkAccessManager m_network;
};

TEST_F(QtClient, ReceivesTextAndBinary)
{
    QWebSocket socket;
    QSignalSpy texts(&socket, &QWebSocket::textMessageReceived);
    QSignalSpy binaries(&socket, &QWebSocket::binaryMessageReceived);
    open(socket);
    const QString text = QString::fromUtf8("Gr\u00fc\u00dfe \U0001F6EB");
    backend.sendToAll(text.toStdString());
    backend.post("/messages", R"({"data":"AAEC","encoding":"base64","receivers":{"sockets":["*"]}})");
    ASSERT_TRUE(waitUntil([&] { return texts.count() == 1 && binaries.count() == 1; }));
    EXPECT_EQ(texts.at(0).at(0).toString(), text);
    EXPECT_EQ(binaries.at(0).at(0).toByteArray(), QByteArray("\x00\x01\x02", 3));
}

TEST_F(QtClient, SendsInFramesOfItsOwnAndIsEchoed)
{
    QWebSocket socket;
    QSignalSpy texts(&socket, &QWebSocket::textMessageReceived);
    open(socket);
    const QString large(300000, QChar(0x20AC)); // 900 kB in UTF-8: QWebSocket sends two frames
    socket.sendTextMessage(large);
    ASSERT_TRUE(waitUntil([&] { return texts.count() == 1; }));
    EXPECT_EQ(texts.at(0).at(0).toString(), large);
}

TEST_F(QtClient, PingIsAnswered)
{
    QWebSocket socket;
    QSignalSpy pongs(&socket, &QWebSocket::pong);
    open(socket);
    socket.ping("payload");
    ASSERT_TRUE(waitUntil([&] { return pongs.count() == 1; }));
    EXPECT_EQ(pongs.at(0).at(1).toByteArray(), QByteArray("payload"));
}

TEST_F(QtClient, SeesTheBackendsCloseCodeAndReason)
{
    QWebSocket socket;
    open(socket);
    const std::string id = JsonView(backend.get("/sockets").body).string("/results/0/id");
    EXPECT_EQ(backend.call("DELETE", "/sockets/" + id + "?code=4001&reason=moved").status, 200);
    ASSERT_TRUE(waitUntil([&] { return socket.state() == QAbstractSocket::UnconnectedState; }));
    EXPECT_EQ(int(socket.closeCode()), 4001);
    EXPECT_EQ(socket.closeReason(), QStringLiteral("moved"));
}

TEST_F(QtClient, ClosesCleanlyAndLeavesTheList)
{
    QWebSocket socket;
    open(socket);
    socket.close(QWebSocketProtocol::CloseCodeNormal, QStringLiteral("done"));
    ASSERT_TRUE(waitUntil([&] { return socket.state() == QAbstractSocket::UnconnectedState; }));
    EXPECT_EQ(JsonView(backend.get("/sockets").body).size("/results"), 0);
}

TEST_F(QtClient, SpentUriIsRefused)
{
    QWebSocket first;
    open(first);
    QWebSocket second;
    second.open(first.requestUrl());
    ASSERT_TRUE(waitUntil([&] {
        return second.state() == QAbstractSocket::UnconnectedState && !second.errorString().isEmpty();
    }));
    EXPECT_FALSE(second.isValid());
    EXPECT_TRUE(first.isValid());
}

TEST_F(QtClient, ManyInOneProcessKeepOrder)
{
    std::vector<std::unique_ptr<QWebSocket>> sockets;
    std::vector<std::unique_ptr<QSignalSpy>> spies;
    for (int i = 0; i < 20; ++i) {
        sockets.push_back(std::make_unique<QWebSocket>());
        spies.push_back(std::make_unique<QSignalSpy>(sockets.back().get(), &QWebSocket::textMessageReceived));
        open(*sockets.back());
    }
    for (int i = 0; i < 100; ++i)
        backend.sendToAll(std::to_string(i));
    for (const auto &spy : spies) {
        ASSERT_TRUE(waitUntil([&] { return spy->count() == 100; }));
        for (int i = 0; i < 100; ++i)
            EXPECT_EQ(spy->at(i).at(0).toString(), QString::number(i));
    }
}

/// Qt's own clients over https and wss.
class QtSecureClient : public ::testing::Test
{
protected:
    QtSecureClient()
    {
        m_configuration.setCaCertificates(
            QSslCertificate::fromPath(QString::fromStdString(certificates.certificate("ca"))));
    }
    static GatewayOptions options(const TestCertificates &certificates)
    {
        Environment environment = certificates.environment();
        environment.insert({{"SECURITY_TOKEN", securityToken}, {"MWS_GATEWAY_CLIENT_MESSAGES", "echo"}});
        return {.environment = std::move(environment)};
    }
    QUrl socketUri()
    {
        QNetworkRequest request(
            QUrl(QStringLiteral("https://127.0.0.1:%1/v1/websocket_uri").arg(gateway.port())));
        request.setSslConfiguration(m_configuration);
        const std::unique_ptr<QNetworkReply> reply(m_network.get(request));
        EXPECT_TRUE(waitUntil([&] { return reply->isFinished(); }));
        EXPECT_EQ(reply->error(), QNetworkReply::NoError) << reply->errorString().toStdString();
        return QUrl(
            QJsonDocument::fromJson(reply->readAll()).object().value(QStringLiteral("uri")).toString());
    }
    void open(QWebSocket &socket)
    {
        socket.setSslConfiguration(m_configuration);
        socket.open(socketUri());
        ASSERT_TRUE(waitUntil([&] { return socket.state() == QAbstractSocket::ConnectedState; }))
            << socket.errorString().toStdString();
    }

    const TestCertificates certificates;
    GatewayProcess gateway{options(certificates)};

private:
    QSslConfiguration m_configuration = QSslConfiguration::defaultConfiguration();
    QNetworkAccessManager m_network;
};

TEST_F(QtSecureClient, SendsAndReceivesOverWss)
{
    QWebSocket socket;
    QSignalSpy texts(&socket, &QWebSocket::textMessageReceived);
    open(socket);
    EXPECT_EQ(socket.requestUrl().scheme(), QStringLiteral("wss"));
    const QString large(300000, QChar(0x20AC));
    socket.sendTextMessage(large);
    ASSERT_TRUE(waitUntil([&] { return texts.count() == 1; }));
    EXPECT_EQ(texts.at(0).at(0).toString(), large);
    Endpoint secure = gateway.endpoint();
    secure.tls = certificates.client();
    GatewayApi(secure, "/v1", securityToken).sendToAll("pushed");
    ASSERT_TRUE(waitUntil([&] { return texts.count() == 2; }));
    EXPECT_EQ(texts.at(1).at(0).toString(), QStringLiteral("pushed"));
    socket.close();
    EXPECT_TRUE(waitUntil([&] { return socket.state() == QAbstractSocket::UnconnectedState; }));
}

TEST_F(QtSecureClient, SaysGoodbyeWhenTheGatewayStops)
{
    QWebSocket socket;
    open(socket);
    gateway.signal(SIGTERM);
    ASSERT_TRUE(waitUntil([&] { return socket.state() == QAbstractSocket::UnconnectedState; }));
    EXPECT_EQ(int(socket.closeCode()), 1001);
    EXPECT_EQ(gateway.waitForExit(), 0);
}

} // namespace mws::test
