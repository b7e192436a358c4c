#include "client/client_test.h"
#include "examples/support/browser.h"
#include "examples/support/example_program.h"
#include "examples/support/qml_application.h"

#include <QAbstractItemModel>
#include <QJsonArray>
#include <algorithm>

namespace mws::test {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// The chat's gateway, its backend in node, windows in QML and pages.
class Chat : public GatewayTest
{
protected:
    Chat()
        : GatewayTest({.environment = {{"SECURITY_TOKEN", securityToken},
                                       {"MWS_SERVER_PORT", std::to_string(lastingPort())}},
                       .configuration = readFile(MWS_EXAMPLE_FOLDER "/gateway.toml")})
    {}

    std::unique_ptr<QmlApplication> openWindow(const char *room, const char *nick) const
    {
        auto window = std::make_unique<QmlApplication>(
            MWS_EXAMPLE_FOLDER "/Main.qml", QVariantMap{{QStringLiteral("backend"), server.url().toString()},
                                                        {QStringLiteral("room"), QString::fromLatin1(room)},
                                                        {QStringLiteral("nick"), QString::fromLatin1(nick)}});
        EXPECT_TRUE(waitForOpen(*window));
        return window;
    }
    static bool waitForOpen(const QmlApplication &window)
    {
        return waitUntil([&] { return window.property("client", "state").toInt() == MwsClient::Open; },
                         longPatience);
    }
    Page openPage(const std::string &room, const std::string &nick)
    {
        Page page = browser.open(server.url("/?room=" + room + "&nick=" + nick), 460, 600);
        EXPECT_TRUE(page.waitFor("document.querySelector('#status.open') !== null"));
        return page;
    }
    static void say(QmlApplication &window, const std::string &text)
    {
        window.type("input", text);
        window.press(Qt::Key_Return);
    }
    /// Waits until the window's last lines are these.
    static bool waitForLines(const QmlApplication &window, const std::vector<std::string> &last)
    {
        const auto isShown = [&] {
            const std::vector<std::string> shown = window.texts("messages");
            return shown.size() >= last.size() && std::equal(last.rbegin(), last.rend(), shown.rbegin());
        };
        return waitUntil(isShown, longPatience);
    }
    static std::vector<std::string> linesOf(Page &page)
    {
        const QJsonArray lines =
            page.evaluate("[...document.querySelectorAll('#messages li')].map(line => line.innerText)")
                .toArray();
        std::vector<std::string> result;
        for (const QJsonValue &line : lines)
            result.push_back(line.toString().replace(u'\n', u':').toStdString());
        return result;
    }

    ExampleProgram server{{MWS_NODE, MWS_EXAMPLE_FOLDER "/server.js"},
                          {{"PORT", "0"},
                           {"GATEWAY", "http://127.0.0.1:" + std::to_string(gateway.port())},
                           {"SECURITY_TOKEN", securityToken}}};
    Browser browser;
};

TEST_F(Chat, WindowAndPageTalkInOrder)
{
    ASSERT_TRUE(server.isListening() && browser.isRunning());
    Page eva = openPage("kitchen", "Eva");
    const auto ann = openWindow("kitchen", "Ann");
    ASSERT_TRUE(eva.waitFor("document.querySelectorAll('#messages li').length === 1"));
    eva.type("#text", "Who has the key to the hall?", Page::Then::Enter);
    ASSERT_TRUE(waitForLines(*ann, {"Eva", "Who has the key to the hall?"}));
    say(*ann, "Bob has. He comes at nine.");
    ASSERT_TRUE(eva.waitFor("document.querySelectorAll('#messages li').length === 3"));
    say(*ann, "And the coffee is <b>ready</b>!");
    ASSERT_TRUE(eva.waitFor("document.querySelectorAll('#messages li').length === 4"));
    eva.type("#text", "On my way", Page::Then::Enter);
    ASSERT_TRUE(waitForLines(*ann, {"Eva", "On my way"}));
    EXPECT_THAT(linesOf(eva), ElementsAre("Ann is here", "Eva:Who has the key to the hall?",
                                          "Ann:Bob has. He comes at nine.",
                                          "Ann:And the coffee is <b>ready</b>!", "Eva:On my way"));
    EXPECT_THAT(ann->texts("messages"),
                ElementsAre("Eva", "Who has the key to the hall?", "Ann", "Bob has. He comes at nine.", "Ann",
                            "And the coffee is <b>ready</b>!", "Eva", "On my way"));
    ann->screenshot("chat", "window");
    eva.screenshot("chat", "page");

    // A flood of one keeps its order at the other.
    eva.evaluate("for (let i = 0; i < 200; ++i) sendByRelay(JSON.stringify({ kind: 'text', nick: 'Eva', "
                 "text: `n${i}` })), 0");
    ASSERT_TRUE(waitForLines(*ann, {"Eva", "n199"}));
    const auto *lines = ann->find<QAbstractItemModel>("lines");
    ASSERT_TRUE(lines);
    const int first = lines->rowCount() - 200;
    const int body = lines->roleNames().key("body");
    for (int i = 0; i < 200; ++i)
        ASSERT_EQ(lines->index(first + i, 0).data(body).toString(), QStringLiteral("n%1").arg(i));
    EXPECT_THAT(eva.errors(), ElementsAre());
}

TEST_F(Chat, MessagesByRestReachEverybodyOnce)
{
    ASSERT_TRUE(server.isListening() && browser.isRunning());
    Page eva = openPage("kitchen", "Eva");
    const auto ann = openWindow("kitchen", "Ann");
    ASSERT_TRUE(eva.waitFor("document.querySelectorAll('#messages li').length === 1"));
    eva.click("#rest");
    eva.type("#text", "by POST", Page::Then::Enter);
    ASSERT_TRUE(waitForLines(*ann, {"Eva", "by POST"}));
    ann->click("rest");
    say(*ann, "by XMLHttpRequest");
    ASSERT_TRUE(eva.waitFor("document.querySelectorAll('#messages li').length === 3"));
    ASSERT_TRUE(waitForLines(*ann, {"Ann", "by XMLHttpRequest"}));
    const std::vector<std::string> all{"Ann is here", "Eva:by POST", "Ann:by XMLHttpRequest"};
    EXPECT_EQ(linesOf(eva), all);
    EXPECT_EQ(ann->texts("messages").size(), 4u);
    EXPECT_THAT(eva.errors(), ElementsAre());
}

TEST_F(Chat, RoomsDoNotMix)
{
    ASSERT_TRUE(server.isListening() && browser.isRunning());
    const auto ann = openWindow("kitchen", "Ann");
    const auto max = openWindow("garden", "Max");
    Page eva = openPage("kitchen", "Eva");
    Page ida = openPage("garden", "Ida");
    say(*ann, "kitchen only");
    eva.click("#rest");
    eva.type("#text", "kitchen by REST", Page::Then::Enter);
    ASSERT_TRUE(waitForLines(*ann, {"Eva", "kitchen by REST"}));
    ida.type("#text", "garden only", Page::Then::Enter);
    ASSERT_TRUE(waitForLines(*max, {"Ida", "garden only"}));
    say(*max, "the end");
    ASSERT_TRUE(ida.waitFor("document.querySelector('#messages').innerText.includes('the end')"));
    EXPECT_THAT(max->texts("messages"), ElementsAre("Ida is here", "Ida", "garden only", "Max", "the end"));
    EXPECT_THAT(linesOf(ida), ElementsAre("Ida:garden only", "Max:the end"));
    EXPECT_THAT(ann->texts("messages"), Each(Not(HasSubstr("garden"))));
    EXPECT_THAT(linesOf(eva), ElementsAre("Ann:kitchen only", "Eva:kitchen by REST"));
}

TEST_F(Chat, BothComeBackAfterARestart)
{
    ASSERT_TRUE(server.isListening() && browser.isRunning());
    const auto ann = openWindow("kitchen", "Ann");
    Page eva = openPage("kitchen", "Eva");
    ASSERT_TRUE(waitForLines(*ann, {"Eva is here"}));
    ASSERT_EQ(gateway.stop(), 0);
    ASSERT_TRUE(eva.waitFor("document.querySelector('#status.open') === null"));
    ASSERT_TRUE(
        waitUntil([&] { return ann->property("client", "state").toInt() != MwsClient::Open; }, longPatience));
    say(*ann, "into the void");
    EXPECT_TRUE(waitForLines(*ann, {"not sent: no connection"}));
    gateway.start();
    ASSERT_TRUE(waitForOpen(*ann));
    ASSERT_TRUE(eva.waitFor("document.querySelector('#status.open') !== null"));
    say(*ann, "still there?");
    ASSERT_TRUE(eva.waitFor("document.querySelector('#messages').innerText.includes('still there?')"));
    eva.type("#text", "yes", Page::Then::Enter);
    ASSERT_TRUE(waitForLines(*ann, {"Eva", "yes"}));
}

// The program itself, as the user starts it.
TEST_F(Chat, ProgramOpensItsWindow)
{
    ASSERT_TRUE(server.isListening());
    const TemporaryFolder folder;
    OpenSocket listener = backend.open({"room:cellar"});
    ChildProcess chat(
        {MWS_EXAMPLE_BUILD "/chat", "--backend", server.address(), "--room", "cellar", "--nick", "Kim"},
        {{"QT_QPA_PLATFORM", "offscreen"}, {"QT_QUICK_BACKEND", "software"}}, folder.path().string());
    EXPECT_EQ(listener.socket.readMessage(longPatience), R"({"kind":"join","nick":"Kim"})") << chat.errors();
}

TEST_F(Chat, ServerKeepsTheTokenAndNamesWhatIsWrong)
{
    ASSERT_TRUE(server.isListening());
    HttpClient client({.port = server.port()});
    const HttpAnswer issued = client.request("GET", "/rooms/kitchen/socket");
    EXPECT_EQ(issued.status, 200);
    EXPECT_EQ(JsonView(issued.body).string("/tags/0"), "room:kitchen");
    EXPECT_EQ(client.request("GET", "/rooms/a%2fb/socket").status, 404);
    EXPECT_EQ(client.request("GET", "/rooms/" + std::string(41, 'a') + "/socket").status, 404);
    EXPECT_EQ(client.request("GET", "/server.js").status, 404);
    EXPECT_EQ(client.request("POST", "/settings").status, 405);
    for (const char *path : {"/", "/chat.js", "/chat.css", "/settings", "/rooms/kitchen/socket"})
        EXPECT_EQ(client.request("GET", path).body.find(securityToken), std::string::npos) << path;
    ASSERT_EQ(gateway.stop(), 0);
    EXPECT_EQ(client.request("GET", "/rooms/kitchen/socket").status, 503);
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(server.log().find(securityToken), std::string::npos);
}

} // namespace mws::test
