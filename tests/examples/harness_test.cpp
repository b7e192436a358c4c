#include "examples/support/browser.h"
#include "examples/support/qml_application.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>

namespace mws::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

namespace {

constexpr char pageText[] = R"(<!doctype html><meta charset="utf-8"><title>Harness</title>
<link rel="icon" href="data:,"><style>body { background: linear-gradient(#eef, #fde); font: 20px sans-serif }</style>
<input id="name"><button id="greet">Greet</button><p id="answer"></p>
<script>
greet.onclick = () => setTimeout(() => answer.textContent = 'Hello ' + document.querySelector('#name').value, 50);
</script>)";

constexpr char windowText[] = R"(import QtQuick
import QtQuick.Controls
ApplicationWindow {
    objectName: "window"; width: 320; height: 200; visible: true
    property string greeting
    Column {
        objectName: "column"
        TextField { id: field; objectName: "name" }
        Button { objectName: "greet"; text: greeting; onClicked: answer.text = greeting + " " + field.text }
        Label { id: answer; objectName: "answer" }
    }
})";

/// One page for whoever asks.
class PageServer
{
public:
    PageServer()
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] {
            QTcpSocket *socket = m_server.nextPendingConnection();
            QObject::connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
            QObject::connect(socket, &QTcpSocket::readyRead, socket, [socket] {
                const bool isWhole = socket->readAll().endsWith("\r\n\r\n");
                if (!isWhole)
                    return;
                socket->write("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n");
                socket->write(pageText);
                socket->disconnectFromHost();
            });
        });
    }
    QUrl url() const { return QUrl(QStringLiteral("http://127.0.0.1:%1/").arg(m_server.serverPort())); }

private:
    QTcpServer m_server;
};

} // namespace

TEST(BrowserHarness, DrivesPages)
{
    const PageServer server; // answered by this thread's event loop while the browser's calls wait
    Browser browser;
    ASSERT_TRUE(browser.isRunning());
    Page page = browser.open(server.url());
    Page other = browser.open(server.url());
    page.type("#name", "Eva");
    page.click("#greet");
    EXPECT_TRUE(page.waitFor("answer.textContent === 'Hello Eva'"));
    EXPECT_EQ(page.text("#answer"), "Hello Eva");
    EXPECT_EQ(page.evaluate("Promise.resolve(6 * 7)").toInt(), 42);
    page.evaluate("localStorage.setItem('who', 'Eva')");
    EXPECT_TRUE(other.evaluate("localStorage.getItem('who')").isNull()) << "pages share nothing";
    page.screenshot("harness", "page");
    EXPECT_THAT(page.errors(), ElementsAre());
    page.evaluate("console.error('planted')");
    page.evaluate("fetch('http://192.0.2.1/').catch(() => 0), 1");
    ASSERT_TRUE(waitUntil([&] { return page.errors().size() >= 2; }, browserPatience));
    EXPECT_THAT(page.errors(), IsSupersetOf({HasSubstr("planted"), HasSubstr("asks for http://192.0.2.1/")}));
}

TEST(BrowserHarness, ErrorsFailTheTest)
{
    const PageServer server;
    Browser browser;
    Page page = browser.open(server.url());
    ::testing::TestPartResultArray failures;
    {
        const ::testing::ScopedFakeTestPartResultReporter reporter(&failures);
        page.evaluate("nothing.there");
    }
    ASSERT_GE(failures.size(), 1);
    EXPECT_THAT(failures.GetTestPartResult(0).message(), HasSubstr("nothing is not defined"));
}

TEST(QmlHarness, DrivesWindows)
{
    const TemporaryFolder folder;
    const std::string file = (folder.path() / "Main.qml").string();
    writeFile(file, windowText);
    QmlApplication application(file, {{QStringLiteral("greeting"), QStringLiteral("Hello")}});
    ASSERT_TRUE(application.isLoaded());
    application.type("name", "Eva");
    application.click("greet");
    const auto texts = [&] { return application.texts("column"); };
    ASSERT_TRUE(waitUntil(
        [&] {
            return texts() == std::vector<std::string>{"Hello", "Hello Eva"};
        },
        browserPatience));
    EXPECT_EQ(application.property("answer", "text"), QStringLiteral("Hello Eva"));
    application.screenshot("harness", "window");
}

} // namespace mws::test
