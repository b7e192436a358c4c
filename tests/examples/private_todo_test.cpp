#include "client/client_test.h"
#include "examples/support/browser.h"
#include "examples/support/example_program.h"
#include "examples/support/qml_application.h"
#include "support/test_certificates.h"

#include <QJsonArray>

namespace mws::test {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

namespace {

constexpr char evasPassword[] = "eva-password-93d1";
constexpr char adamsPassword[] = "adam-password-27bf";
constexpr char session[] = "session";

/// The QML client, used as a user does.
class Window : public QmlApplication
{
public:
    explicit Window(const ExampleProgram &server)
        : QmlApplication(MWS_EXAMPLE_FOLDER "/Main.qml",
                         {{QStringLiteral("server"), server.url().toString()}})
    {}

    void login(const char *name, const char *password)
    {
        type("user", name);
        type("password", password);
        click("login");
    }
    void add(const char *title)
    {
        type("title", title);
        click("add");
    }
    bool isLive() const { return property(session, "isLive").toBool(); }
    /// Titles that the list shows.
    bool waitFor(const std::vector<std::string> &titles) const
    {
        return waitUntil([&] { return shown() == titles; }, longPatience);
    }
    std::vector<std::string> shown() const
    {
        std::vector<std::string> result;
        for (const std::string &text : texts("list"))
            if (text != "✕" && text != "✓")
                result.push_back(text);
        return result;
    }
    std::vector<std::string> received() const
    {
        std::vector<std::string> result;
        for (const QVariant &message : property(session, "received").toList())
            result.push_back(message.toString().toStdString());
        return result;
    }
};

void loginOn(Page &page, const char *name, const char *password)
{
    page.type("#user", name);
    page.type("#password", password, Page::Then::Enter);
}

void addOn(Page &page, const char *title)
{
    page.type("#title", title, Page::Then::Enter);
}

bool waitOn(Page &page, const std::vector<std::string> &titles)
{
    const std::string wanted = "JSON.stringify(" + jsonStrings(titles) + ')';
    return page.waitFor("JSON.stringify(todos.map((todo) => todo.title)) === " + wanted, 50);
}

std::vector<std::string> receivedOn(Page &page)
{
    std::vector<std::string> result;
    for (const QJsonValue message : page.evaluate("received").toArray())
        result.push_back(message.toString().toStdString());
    return result;
}

} // namespace

/// The gateway in mode `custom`, the node server with two users, windows and pages.
class PrivateTodo : public ClientTest
{
protected:
    PrivateTodo() : ClientTest(lastingGateway({{"ACCESS_CONTROL", "custom"}}))
    {
        gateway.secret(evasPassword);
        gateway.secret(adamsPassword);
    }

    std::string database()
    {
        const std::string file = (gateway.folder() / "todos.db").string();
        const GatewayRun done =
            runProgram({"/usr/bin/env", "NODE_PATH=" MWS_NODE_MODULES, MWS_NODE,
                        MWS_EXAMPLE_FOLDER "/add_user.js", file, "eva", "adam"},
                       std::string(evasPassword) + '\n' + adamsPassword + '\n', longPatience);
        EXPECT_EQ(done.exitCode, 0) << done.errors;
        return file;
    }
    Environment environment()
    {
        return {{"DATABASE", database()},
                {"GATEWAY", "http://127.0.0.1:" + std::to_string(gateway.port())},
                {"SECURITY_TOKEN", securityToken},
                {"NODE_PATH", MWS_NODE_MODULES}};
    }
    HttpAnswer call(const std::string &method, const std::string &path, const std::string &body = {},
                    const std::string &token = {})
    {
        HttpClient client({.port = server.port()});
        HttpHeaders headers{{"Content-Type", "application/json"}};
        if (!token.empty())
            headers.emplace_back("Authorization", "Bearer " + token);
        return client.request(method, "/api/" + path, body, headers);
    }
    HttpAnswer login(const char *name, const char *password)
    {
        return call("POST", "login",
                    std::string(R"({"name": ")") + name + R"(", "password": ")" + password + R"("})");
    }
    std::string tokenOf(const char *name, const char *password)
    {
        return JsonView(login(name, password).body).string("/token");
    }

    ExampleProgram server{{MWS_NODE, MWS_EXAMPLE_FOLDER "/server.js"}, environment()};
};

TEST_F(PrivateTodo, TwoUsersWithTwoClientsEachSeeTheirOwn)
{
    ASSERT_TRUE(server.isListening());
    Browser browser;
    ASSERT_TRUE(browser.isRunning());
    Window evasWindow(server);
    Window adamsWindow(server);
    Page evasPage = browser.open(server.url(), 480, 480);
    Page adamsPage = browser.open(server.url(), 480, 480);
    evasWindow.login("eva", evasPassword);
    adamsWindow.login("adam", adamsPassword);
    loginOn(evasPage, "eva", evasPassword);
    loginOn(adamsPage, "adam", adamsPassword);
    ASSERT_TRUE(waitUntil([&] { return evasWindow.isLive() && adamsWindow.isLive(); }, longPatience));
    ASSERT_TRUE(evasPage.waitFor("socket?.readyState === 1 && revision >= 0", 50));
    ASSERT_TRUE(adamsPage.waitFor("socket?.readyState === 1 && revision >= 0", 50));

    evasWindow.add("Water the roses");
    ASSERT_TRUE(waitOn(evasPage, {"Water the roses"}));
    addOn(adamsPage, "Adam's secret");
    ASSERT_TRUE(adamsWindow.waitFor({"Adam's secret"}));
    addOn(evasPage, "Practise <forte> & <piano>");
    addOn(evasPage, "Buy strings for the cello");
    ASSERT_TRUE(
        evasWindow.waitFor({"Water the roses", "Practise <forte> & <piano>", "Buy strings for the cello"}));
    evasWindow.click("done-0");
    ASSERT_TRUE(evasPage.waitFor("document.querySelectorAll('li.done').length === 1"));
    EXPECT_EQ(evasPage.text("li.done"), "Water the roses\n✕");
    evasWindow.screenshot("private-todo", "window");
    evasPage.screenshot("private-todo", "page");

    evasPage.click("li:nth-child(2) button");
    ASSERT_TRUE(evasWindow.waitFor({"Water the roses", "Buy strings for the cello"}));
    adamsWindow.add("The end");
    ASSERT_TRUE(waitOn(adamsPage, {"Adam's secret", "The end"}));

    // Not only is nothing shown: nothing came. Each change came to both of its user's sockets, once.
    const auto evas = AllOf(SizeIs(5), Each(Not(HasSubstr("secret"))), Each(Not(HasSubstr("The end"))));
    const auto adams = ElementsAre(HasSubstr("Adam's secret"), HasSubstr("The end"));
    ASSERT_TRUE(waitUntil([&] { return evasWindow.received().size() >= 5; }, longPatience));
    ASSERT_TRUE(waitUntil([&] { return adamsWindow.received().size() >= 2; }, longPatience));
    ASSERT_TRUE(evasPage.waitFor("received.length >= 5", 50));
    ASSERT_TRUE(adamsPage.waitFor("received.length >= 2", 50));
    EXPECT_THAT(evasWindow.received(), evas);
    EXPECT_THAT(receivedOn(evasPage), evas);
    EXPECT_THAT(adamsWindow.received(), adams);
    EXPECT_THAT(receivedOn(adamsPage), adams);
    EXPECT_THAT(adamsWindow.shown(), ElementsAre("Adam's secret", "The end"));
    EXPECT_THAT(evasPage.errors(), ElementsAre());
    EXPECT_THAT(adamsPage.errors(), ElementsAre());
}

TEST_F(PrivateTodo, ClientsComeBackAfterARestartOfTheGateway)
{
    Browser browser;
    Window window(server);
    window.find<QObject>(session)->property("client").value<MwsClient *>()->setInitialDelay(1);
    Page page = browser.open(server.url());
    window.login("eva", evasPassword);
    loginOn(page, "eva", evasPassword);
    ASSERT_TRUE(waitUntil([&] { return window.isLive(); }, longPatience));
    ASSERT_TRUE(page.waitFor("socket?.readyState === 1 && revision >= 0", 50));
    gateway.kill();
    ASSERT_TRUE(waitUntil([&] { return !window.isLive(); }, longPatience));
    window.add("meanwhile"); // the backend keeps it, whatever the gateway does
    ASSERT_TRUE(waitUntil(
        [&] {
            return call("GET", "todos", {}, tokenOf("eva", evasPassword)).body.find("meanwhile") !=
                   std::string::npos;
        },
        longPatience));
    gateway.start();
    EXPECT_TRUE(window.waitFor({"meanwhile"}));
    EXPECT_TRUE(waitOn(page, {"meanwhile"}));
    ASSERT_TRUE(waitUntil([&] { return window.isLive(); }, longPatience));
    addOn(page, "after");
    EXPECT_TRUE(window.waitFor({"meanwhile", "after"}));
}

TEST_F(PrivateTodo, WrongPasswordsAreRefused)
{
    Browser browser;
    Window window(server);
    Page page = browser.open(server.url());
    window.login("eva", "wrong-password");
    ASSERT_TRUE(waitUntil(
        [&] { return window.property("error", "text") == QStringLiteral("Name or password is wrong"); },
        longPatience));
    EXPECT_FALSE(window.property(session, "isLoggedIn").toBool());
    loginOn(page, "eva", adamsPassword);
    EXPECT_TRUE(page.waitFor("document.querySelector('#error').textContent === 'Name or password is wrong'"));
    EXPECT_EQ(login("nobody", evasPassword).status, 401);
    EXPECT_EQ(call("POST", "login", R"({"name": 1})").status, 422);
    EXPECT_EQ(call("POST", "login", "not JSON").status, 400);
    int status = 0;
    for (int attempt = 0; attempt < 12 && status != 429; ++attempt)
        status = login("adam", "guess").status;
    EXPECT_EQ(status, 429) << "guessing is slowed down";
    EXPECT_EQ(openSockets(), 0);
}

TEST_F(PrivateTodo, OthersTodosAreAsIfTheyWereNotThere)
{
    const std::string eva = tokenOf("eva", evasPassword);
    const std::string adam = tokenOf("adam", adamsPassword);
    ASSERT_EQ(eva.size(), 43u);
    const HttpAnswer added = call("POST", "todos", R"({"title": "mine"})", eva);
    ASSERT_EQ(added.status, 201) << added.body;
    const std::string path = "todos/" + JsonView(added.body).string("/todo/id");
    EXPECT_EQ(call("PATCH", path, R"({"done": true})", adam).status, 404);
    EXPECT_EQ(call("DELETE", path, "", adam).status, 404);
    EXPECT_EQ(JsonView(call("GET", "todos", "", adam).body).size("/todos"), 0);
    EXPECT_EQ(call("PATCH", path, R"({"done": "yes"})", eva).status, 422);
    EXPECT_EQ(call("PATCH", path, R"({"done": true})", eva).status, 200);
    for (const std::string &token : {std::string(), std::string(43, 'A')}) {
        EXPECT_EQ(call("GET", "todos", "", token).status, 401);
        EXPECT_EQ(call("POST", "socket", "", token).status, 401);
        EXPECT_EQ(call("DELETE", path, "", token).status, 401);
    }
    EXPECT_EQ(call("POST", "todos", R"({"title": " "})", eva).status, 422);
    EXPECT_EQ(call("POST", "todos", std::string(20000, ' '), eva).status, 413);
    EXPECT_EQ(server.log().find(eva), std::string::npos) << "no token is logged";
}

TEST_F(PrivateTodo, LoggingOutClosesTheSocketsOfThatSessionOnly)
{
    Window here(server);
    Window there(server);
    here.login("eva", evasPassword);
    there.login("eva", evasPassword);
    ASSERT_TRUE(waitUntil([&] { return here.isLive() && there.isLive(); }, longPatience));
    EXPECT_EQ(openSockets(), 2);
    const std::string token = here.property(session, "token").toString().toStdString();
    EXPECT_EQ(call("DELETE", "login", "", token).status, 204);
    ASSERT_TRUE(waitUntil([&] { return !here.isLive(); }, longPatience));
    EXPECT_EQ(call("GET", "todos", "", token).status, 401);
    EXPECT_TRUE(there.isLive());
    EXPECT_EQ(openSockets(), 1);
    EXPECT_EQ(server.stop(), 0);
}

} // namespace mws::test
