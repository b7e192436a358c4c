#include "client/client_test.h"

#include <QQmlComponent>
#include <QQmlEngine>

namespace mws::test {

/// An application of QML that imports the module from the build folder.
class QmlModule : public ClientTest
{
protected:
    QmlModule() { m_engine.addImportPath(QStringLiteral(MWS_QML_FOLDER)); }

    std::unique_ptr<QObject> make(const char *file, QVariantMap properties = {})
    {
        QQmlComponent component(&m_engine, QUrl::fromLocalFile(QString::fromLatin1(file)));
        properties.insert(QStringLiteral("gateway"),
                          QStringLiteral("http://127.0.0.1:%1").arg(gateway.port()));
        std::unique_ptr<QObject> object(component.createWithInitialProperties(properties));
        EXPECT_TRUE(object) << component.errorString().toStdString();
        return object;
    }

private:
    QQmlEngine m_engine;
};

TEST_F(QmlModule, ExampleReceivesAndComesBack)
{
    const auto receiver = make(MWS_EXAMPLE_QML);
    ASSERT_TRUE(receiver);
    auto *client = qobject_cast<MwsClient *>(receiver.get());
    ASSERT_TRUE(client) << "QML's type is the library's";
    client->setInitialDelay(1);
    QSignalSpy opened(client, &MwsClient::opened);
    ASSERT_TRUE(waitUntil([&] { return opened.count() == 1; }, longPatience));
    gateway.kill();
    gateway.start();
    ASSERT_TRUE(waitUntil([&] { return opened.count() == 2; }, longPatience));
    backend.sendToAll("Hello World!");
    EXPECT_TRUE(waitUntil(
        [&] { return receiver->property("lastMessage").toString() == QStringLiteral("Hello World!"); },
        longPatience));
}

TEST_F(QmlModule, UrisComeFromJavaScript)
{
    const auto application = make(MWS_TEST_QML_FOLDER "/asking.qml");
    ASSERT_TRUE(application);
    ASSERT_TRUE(waitUntil([&] { return application->property("isOpen").toBool(); }, longPatience));
    EXPECT_EQ(application->property("asked").toInt(), 2);
    QVariant isSent;
    ASSERT_TRUE(QMetaObject::invokeMethod(application.get(), "send", Q_RETURN_ARG(QVariant, isSent),
                                          Q_ARG(QVariant, QStringLiteral("echo"))));
    EXPECT_TRUE(isSent.toBool());
    const auto received = [&] { return application->property("received").toStringList(); };
    ASSERT_TRUE(waitUntil([&] { return received().size() == 1; }, longPatience));
    EXPECT_EQ(received().at(0), QStringLiteral("echo"));
}

TEST_F(QmlModule, RefusalIsShown)
{
    const auto application = make(MWS_TEST_QML_FOLDER "/asking.qml", {{QStringLiteral("refuses"), true}});
    ASSERT_TRUE(application);
    ASSERT_TRUE(waitUntil([&] { return application->property("isFailed").toBool(); }, longPatience));
    EXPECT_EQ(application->property("error").toString(), QStringLiteral("logged out"));
}

} // namespace mws::test
