#include "client/client_test.h"
#include "support/test_certificates.h"

#include <QFile>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslKey>
#include <mws/client/mws_publisher.h>

namespace mws::test {

using ::testing::HasSubstr;

/// A gateway with certificates of a private authority.
class ClientTls : public ::testing::Test
{
protected:
    GatewayOptions options(Environment more = {}) const
    {
        more.merge(certificates.environment());
        return lastingGateway(std::move(more));
    }
    GatewayOptions withClientCertificates() const
    {
        return options({{"MWS_TLS_CLIENT_CERTIFICATES", "required"},
                        {"MWS_TLS_CLIENT_CA", certificates.certificate("ca")}});
    }
    /// Trusts the authority, and shows the certificate of that name.
    QSslConfiguration trusting(const std::string &own = {}) const
    {
        QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
        configuration.setCaCertificates(
            QSslCertificate::fromPath(QString::fromStdString(certificates.certificate("ca"))));
        if (!own.empty()) {
            QFile key(QString::fromStdString(certificates.key(own)));
            EXPECT_TRUE(key.open(QIODevice::ReadOnly));
            configuration.setLocalCertificate(
                QSslCertificate::fromPath(QString::fromStdString(certificates.certificate(own))).value(0));
            configuration.setPrivateKey(QSslKey(&key, QSsl::Ec));
        }
        return configuration;
    }
    static QUrl base(const GatewayProcess &gateway)
    {
        return QUrl(QStringLiteral("https://127.0.0.1:%1/v1").arg(gateway.port()));
    }
    static QUrl provider(const GatewayProcess &gateway)
    {
        return QUrl(base(gateway).toString() + QStringLiteral("/websocket_uri"));
    }

    const TestCertificates certificates;
};

TEST_F(ClientTls, OpensWssOfAPrivateAuthorityAndComesBack)
{
    GatewayProcess gateway(options());
    RecordedClient app(provider(gateway));
    app.client.setSslConfiguration(trusting());
    app.client.open();
    ASSERT_TRUE(app.waitForOpen()) << app.client.errorString().toStdString();
    const QString large(300000, QChar(0x20AC));
    ASSERT_TRUE(app.client.send(large));
    ASSERT_TRUE(waitUntil([&] { return app.texts.count() == 1; }, longPatience));
    EXPECT_EQ(app.texts.at(0).at(0).toString(), large);
    gateway.kill();
    gateway.start();
    EXPECT_TRUE(app.waitForOpen(2));
}

TEST_F(ClientTls, UnknownAuthorityIsNotTrusted)
{
    GatewayProcess gateway(options());
    RecordedClient app(provider(gateway));
    app.client.open();
    ASSERT_TRUE(waitUntil([&] { return app.failed.count() >= 2; }, longPatience));
    EXPECT_THAT(app.text(app.failed, 0), HasSubstr("certificate"));
    EXPECT_EQ(app.opened.count(), 0);
    app.client.setSslConfiguration(trusting());
    EXPECT_TRUE(app.waitForOpen());
}

TEST_F(ClientTls, WssAtAFixedUrlIsNotTrustedEither)
{
    GatewayProcess gateway(options({{"MWS_GATEWAY_ANONYMOUS_SOCKETS", "true"}}));
    RecordedClient app;
    app.client.setUrl(QUrl(QStringLiteral("wss://127.0.0.1:%1/").arg(gateway.port())));
    app.client.open();
    ASSERT_TRUE(waitUntil([&] { return app.failed.count() >= 1; }, longPatience));
    EXPECT_EQ(app.opened.count(), 0);
    app.client.setSslConfiguration(trusting());
    EXPECT_TRUE(app.waitForOpen());
}

TEST_F(ClientTls, ShowsItsCertificate)
{
    GatewayProcess gateway(withClientCertificates());
    RecordedClient app(provider(gateway));
    app.client.setSslConfiguration(trusting("client"));
    app.client.open();
    ASSERT_TRUE(app.waitForOpen()) << app.client.errorString().toStdString();
    MwsPublisher publisher(base(gateway), QString::fromLatin1(securityToken));
    publisher.setSslConfiguration(trusting("client"));
    publisher.send(MwsMessage(QStringLiteral("for a known client"), MwsReceivers::everyone()));
    ASSERT_TRUE(waitUntil([&] { return app.texts.count() == 1; }, longPatience));
    EXPECT_EQ(app.text(app.texts, 0), "for a known client");
}

TEST_F(ClientTls, WithoutOrWithAnothersCertificateItIsRefused)
{
    GatewayProcess gateway(withClientCertificates());
    for (const char *own : {"", "stranger"}) {
        RecordedClient app(provider(gateway));
        app.client.setSslConfiguration(trusting(own));
        app.client.open();
        ASSERT_TRUE(waitUntil([&] { return app.failed.count() >= 1; }, longPatience)) << own;
        EXPECT_EQ(app.opened.count(), 0) << own;
    }
}

} // namespace mws::test
