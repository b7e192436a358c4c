#include "client/client_test.h"
#include "support/test_certificates.h"

#include <QNetworkProxy>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <csignal>
#include <mws/client/mws_publisher.h>

namespace mws::test {

using ::testing::HasSubstr;

namespace {

/// The tinyproxy of the distribution, on a port that it keeps.
class Tinyproxy
{
public:
    explicit Tinyproxy(std::string more = {}) : m_port(lastingPort())
    {
        writeFile(m_folder.path() / "tinyproxy.conf",
                  "Port " + std::to_string(m_port) +
                      "\nListen 127.0.0.1\nMaxClients 50\nLogLevel Connect\n"
                      "DisableViaHeader Yes\n" +
                      more);
        start();
    }
    void start()
    {
        m_process = std::make_unique<ChildProcess>(
            std::vector<std::string>{MWS_TINYPROXY, "-d", "-c",
                                     (m_folder.path() / "tinyproxy.conf").string()},
            Environment{}, m_folder.path().string());
        EXPECT_TRUE(waitUntil([&] { return RawConnection(Endpoint{.port = m_port}).isOpen(); }, longPatience))
            << m_process->errors();
    }
    void kill()
    {
        m_process->signal(SIGKILL);
        m_process->waitForExit();
    }
    QNetworkProxy proxy(const QString &user = {}, const QString &password = {}) const
    {
        return QNetworkProxy(QNetworkProxy::HttpProxy, QStringLiteral("127.0.0.1"), m_port, user, password);
    }
    /// How many CONNECT requests its log tells of.
    int tunnels() const
    {
        const std::string log = m_process->output() + m_process->errors();
        int count = 0;
        for (size_t at = log.find("): CONNECT "); at != std::string::npos;
             at = log.find("): CONNECT ", at + 1))
            ++count;
        return count;
    }

private:
    TemporaryFolder m_folder;
    uint16_t m_port;
    std::unique_ptr<ChildProcess> m_process;
};

void exchange(RecordedClient &app)
{
    const int before = int(app.texts.count());
    ASSERT_TRUE(app.client.send(QStringLiteral("through the proxy")));
    ASSERT_TRUE(waitUntil([&] { return app.texts.count() == before + 1; }, longPatience));
    EXPECT_EQ(app.text(app.texts, before), "through the proxy");
}

} // namespace

class Proxy : public ClientTest
{
protected:
    Tinyproxy tinyproxy;
};

TEST_F(Proxy, CarriesWsAndIsTheOnlyWay)
{
    RecordedClient app(provider());
    app.client.setProxy(tinyproxy.proxy());
    app.client.open();
    ASSERT_TRUE(app.waitForOpen()) << app.client.errorString().toStdString();
    exchange(app);
    EXPECT_GE(tinyproxy.tunnels(), 1) << "the WebSocket";
    tinyproxy.kill();
    ASSERT_TRUE(waitUntil([&] { return app.closed.count() == 1; }, longPatience));
    EXPECT_EQ(app.client.closeCode(), 1006);
    ASSERT_TRUE(waitUntil([&] { return app.failed.count() >= 2; }, longPatience));
    EXPECT_EQ(app.opened.count(), 1) << "not past the proxy";
    tinyproxy.start();
    ASSERT_TRUE(app.waitForOpen(2));
    exchange(app);
}

TEST_F(Proxy, IsPassedWhenTheGatewayRestarts)
{
    RecordedClient app(provider());
    app.client.setProxy(tinyproxy.proxy());
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    gateway.kill();
    gateway.start();
    ASSERT_TRUE(app.waitForOpen(2));
    exchange(app);
}

TEST_F(Proxy, CarriesThePublishersCalls)
{
    RecordedClient app(provider());
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    MwsPublisher publisher(at(""), QString::fromLatin1(securityToken));
    publisher.setProxy(tinyproxy.proxy());
    int status = 0;
    publisher.send(MwsMessage(QStringLiteral("x"), MwsReceivers::everyone()))
        ->onFinished(&publisher, [&](const MwsReply &reply) { status = reply.status(); });
    ASSERT_TRUE(waitUntil([&] { return app.texts.count() == 1 && status != 0; }, longPatience));
    EXPECT_EQ(status, 201);
}

TEST_F(Proxy, CredentialsAreSentAndWrongOnesAreTheEnd)
{
    Tinyproxy guarded("BasicAuth push let-me-pass\n");
    RecordedClient wrong(provider());
    wrong.client.setProxy(guarded.proxy(QStringLiteral("push"), QStringLiteral("wrong")));
    wrong.client.open();
    ASSERT_TRUE(wrong.waitForState(MwsClient::Failed));
    EXPECT_THAT(wrong.client.errorString().toStdString(), HasSubstr("proxy"));
    RecordedClient right(provider());
    right.client.setProxy(guarded.proxy(QStringLiteral("push"), QStringLiteral("let-me-pass")));
    right.client.open();
    ASSERT_TRUE(right.waitForOpen()) << right.client.errorString().toStdString();
    exchange(right);
}

TEST(ProxyTls, CarriesWss)
{
    const TestCertificates certificates;
    GatewayProcess gateway(lastingGateway(certificates.environment()));
    Tinyproxy tinyproxy;
    QSslConfiguration trusting = QSslConfiguration::defaultConfiguration();
    trusting.setCaCertificates(
        QSslCertificate::fromPath(QString::fromStdString(certificates.certificate("ca"))));
    RecordedClient app(QUrl(QStringLiteral("https://127.0.0.1:%1/v1/websocket_uri").arg(gateway.port())));
    app.client.setSslConfiguration(trusting);
    app.client.setProxy(tinyproxy.proxy());
    app.client.open();
    ASSERT_TRUE(app.waitForOpen()) << app.client.errorString().toStdString();
    exchange(app);
    EXPECT_GE(tinyproxy.tunnels(), 2) << "the provider and the WebSocket";
    tinyproxy.kill();
    ASSERT_TRUE(waitUntil([&] { return app.failed.count() >= 1; }, longPatience));
    EXPECT_EQ(app.opened.count(), 1);
    tinyproxy.start();
    ASSERT_TRUE(app.waitForOpen(2));
    exchange(app);
}

} // namespace mws::test
