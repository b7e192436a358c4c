#include "client/client_test.h"
#include "examples/support/browser.h"

#include <QWebSocket>

namespace mws::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

constexpr char program[] = MWS_EXAMPLE_BUILD "/echo_client";

} // namespace

/// The example's configuration, and nothing else.
class EchoExample : public ::testing::Test
{
protected:
    std::string address() const { return "ws://localhost:" + std::to_string(gateway.port()); }
    QUrl url() const { return QUrl(QString::fromStdString(address())); }

    const TemporaryFolder folder;
    GatewayProcess gateway{{.configuration = readFile(MWS_EXAMPLE_FOLDER "/gateway.toml")}};
};

TEST_F(EchoExample, ClientGetsBackWhatItSent)
{
    ChildProcess client({program, address(), "Hello, world!", "Grüße"}, {}, folder.path().string());
    EXPECT_EQ(client.waitForExit(longPatience), 0) << client.errors();
    EXPECT_EQ(client.output(), "text:   Hello, world!\ntext:   Grüße\nbinary: 00 ff 80 c3 28 4d 57 53\n");
}

TEST_F(EchoExample, ClientSaysThatNobodyEchoes)
{
    ChildProcess client({program, "ws://127.0.0.1:1"}, {}, folder.path().string());
    EXPECT_EQ(client.waitForExit(longPatience), 1);
    EXPECT_EQ(client.output(), "no echo from ws://127.0.0.1:1\n");
}

TEST_F(EchoExample, SeveralClientsAtOnceGetTheirOwn)
{
    std::vector<std::unique_ptr<ChildProcess>> clients;
    for (int i = 0; i < 5; ++i)
        clients.push_back(std::make_unique<ChildProcess>(
            std::vector<std::string>{program, address(), "client " + std::to_string(i), "again"},
            Environment{}, folder.path().string()));
    for (size_t i = 0; i < clients.size(); ++i) {
        EXPECT_EQ(clients[i]->waitForExit(longPatience), 0) << clients[i]->errors();
        EXPECT_THAT(clients[i]->output(),
                    HasSubstr("text:   client " + std::to_string(i) + "\ntext:   again\n"));
    }
}

// Qt's own pattern: an address without a path, and no more.
TEST_F(EchoExample, PlainQWebSocketWorksAsItIs)
{
    QWebSocket socket;
    QStringList texts;
    QList<QByteArray> binaries;
    QObject::connect(&socket, &QWebSocket::textMessageReceived, &socket,
                     [&](const QString &text) { texts += text; });
    QObject::connect(&socket, &QWebSocket::binaryMessageReceived, &socket,
                     [&](const QByteArray &bytes) { binaries += bytes; });
    QObject::connect(&socket, &QWebSocket::connected, &socket, [&] {
        for (int i = 0; i < 100; ++i)
            socket.sendTextMessage(QString::number(i));
        socket.sendBinaryMessage(QByteArray(200000, '\xfe'));
    });
    socket.open(url());
    ASSERT_TRUE(waitUntil([&] { return !binaries.isEmpty(); }, longPatience));
    ASSERT_EQ(texts.size(), 100);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(texts.at(i), QString::number(i));
    EXPECT_EQ(binaries.constFirst(), QByteArray(200000, '\xfe'));
}

TEST_F(EchoExample, PageGetsBackTextAndBytes)
{
    Browser browser;
    ASSERT_TRUE(browser.isRunning());
    QUrl file = QUrl::fromLocalFile(QStringLiteral(MWS_EXAMPLE_FOLDER "/page/echo.html"));
    file.setQuery(QStringLiteral("server=") + url().toString());
    Page page = browser.open(file, 640, 480);
    ASSERT_TRUE(page.waitFor("document.querySelector('#status.open') !== null"));
    page.click("#sendText");
    page.type("#text", "Grüße ✓", Page::Then::Enter);
    page.click("#sendBytes");
    ASSERT_TRUE(page.waitFor("document.querySelectorAll('#echoes li').length === 3"));
    EXPECT_EQ(page.text("#echoes li:nth-child(1) span"), "Hello, world!");
    EXPECT_EQ(page.text("#echoes li:nth-child(2) span"), "Grüße ✓");
    EXPECT_EQ(page.text("#echoes li:nth-child(3) span"), "47 72 c3 bc c3 9f 65 20 e2 9c 93");
    EXPECT_THAT(page.text("#echoes li:nth-child(3) span:last-child"), HasSubstr("binary"));
    EXPECT_THAT(page.errors(), ElementsAre());
    page.screenshot("echo", "page");
}

} // namespace mws::test
