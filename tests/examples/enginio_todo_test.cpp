#include "client/client_test.h"
#include "examples/support/browser.h"
#include "examples/support/example_program.h"
#include "examples/support/screenshot.h"

#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QPushButton>
#include <QTest>
#include <todo_window.h>

namespace mws::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

constexpr char backendId[] = "532831a2698b3c6ae8091d6d";

/// A window, used as a user does.
class User
{
public:
    User(const ExampleProgram &store, const GatewayProcess &gateway)
        : window(store.url(), backendId, QUrl(QStringLiteral("http://127.0.0.1:%1").arg(gateway.port())))
    {
        window.client().setInitialDelay(1);
        window.client().setMaxDelay(100);
        window.show();
    }

    template <typename Widget>
    Widget *find(const char *name) const
    {
        return window.findChild<Widget *>(QString::fromLatin1(name));
    }
    void add(const char *title)
    {
        QTest::keyClicks(find<QLineEdit>("title"), QString::fromUtf8(title));
        QTest::mouseClick(find<QPushButton>("add"), Qt::LeftButton);
    }
    void tick(int row)
    {
        // The box is at the row's left edge.
        const QRect place = list().visualRect(list().model()->index(row, 0));
        QTest::mouseClick(list().viewport(), Qt::LeftButton, {}, {place.left() + 16, place.center().y()});
    }
    void remove(int row)
    {
        const QRect place = list().visualRect(list().model()->index(row, 0));
        QTest::mouseClick(list().viewport(), Qt::LeftButton, {}, place.center());
        QTest::mouseClick(find<QPushButton>("remove"), Qt::LeftButton);
    }
    QListView &list() const { return *find<QListView>("list"); }
    /// What the list shows; `[x] ` before what is done.
    std::vector<std::string> shown() const
    {
        std::vector<std::string> result;
        for (int row = 0; row < list().model()->rowCount(); ++row) {
            const QModelIndex index = list().model()->index(row, 0);
            const bool isDone = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
            result.push_back((isDone ? "[x] " : "") + index.data().toString().toStdString());
        }
        return result;
    }
    bool waitFor(const std::vector<std::string> &todos) const
    {
        return waitUntil([&] { return shown() == todos; }, longPatience);
    }
    bool waitForOpen()
    {
        return waitUntil([&] { return window.client().state() == MwsClient::Open; }, longPatience);
    }

    TodoWindow window;
};

int count(const std::string &text, const std::string &what)
{
    int found = 0;
    for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size())
        ++found;
    return found;
}

} // namespace

/// The gateway, the stand-in for Enginio as its own process, and windows.
class EnginioTodo : public ClientTest
{
protected:
    int fetches() const { return count(store.log(), "GET /v1/objects/todos 200"); }
    int call(const std::string &method, const std::string &path, const std::string &body,
             const std::string &backend = backendId)
    {
        HttpClient client({.port = store.port()});
        return client.request(method, "/v1/objects/todos" + path, body, {{"Enginio-Backend-Id", backend}})
            .status;
    }

    ExampleProgram store{{MWS_NODE, MWS_EXAMPLE_FOLDER "/store.js"},
                         {{"WEBHOOK_URL", "http://127.0.0.1:" + std::to_string(gateway.port()) +
                                              "/v1/webhook_receivers/enginio"},
                          {"WEBHOOK_TOKEN", securityToken}}};
};

TEST_F(EnginioTodo, WhatOneDoesTheOtherSeesWithoutAsking)
{
    ASSERT_TRUE(store.isListening());
    User eva(store, gateway);
    User adam(store, gateway);
    ASSERT_TRUE(eva.waitForOpen() && adam.waitForOpen());
    ASSERT_TRUE(waitUntil([&] { return fetches() == 2; }, longPatience)) << "one fetch each";
    eva.add("Book the hall");
    ASSERT_TRUE(adam.waitFor({"Book the hall"}));
    ASSERT_TRUE(eva.waitFor({"Book the hall"}));
    EXPECT_EQ(fetches(), 4) << "one more each, because of the event";
    adam.add("Write the slides");
    ASSERT_TRUE(eva.waitFor({"Book the hall", "Write the slides"}));
    eva.tick(0);
    ASSERT_TRUE(adam.waitFor({"[x] Book the hall", "Write the slides"}));
    adam.add("Bring the projector");
    adam.add("Order coffee & cake");
    const std::vector<std::string> all{"[x] Book the hall", "Write the slides", "Bring the projector",
                                       "Order coffee & cake"};
    ASSERT_TRUE(eva.waitFor(all) && adam.waitFor(all));
    EXPECT_EQ(eva.find<QLabel>("counts")->text(), QStringLiteral("3 of 4 to do"));

    QImage both(920, 500, QImage::Format_RGB32);
    both.fill(QColor(0xdf, 0xe6, 0xec));
    QPainter painter(&both);
    painter.drawPixmap(13, 10, eva.window.grab());
    painter.drawPixmap(467, 10, adam.window.grab());
    painter.end();
    saveScreenshot(both, "enginio-todo", "two-windows");

    adam.remove(2);
    ASSERT_TRUE(eva.waitFor({"[x] Book the hall", "Write the slides", "Order coffee & cake"}));
    EXPECT_EQ(store.log().find(securityToken), std::string::npos);
    EXPECT_EQ(store.stop(), 0);
}

TEST_F(EnginioTodo, WindowsComeBackAfterARestartAndFetchWhatTheyMissed)
{
    User eva(store, gateway);
    User adam(store, gateway);
    ASSERT_TRUE(eva.waitForOpen() && adam.waitForOpen());
    eva.add("before");
    ASSERT_TRUE(adam.waitFor({"before"}));
    ASSERT_EQ(gateway.stop(), 0);
    ASSERT_TRUE(waitUntil([&] { return eva.window.client().state() != MwsClient::Open; }, longPatience));
    eva.add("meanwhile");
    ASSERT_TRUE(
        waitUntil([&] { return count(store.log(), "POST /v1/objects/todos 201") == 2; }, longPatience));
    EXPECT_THAT(adam.shown(), ElementsAre("before")) << "nobody told it, and it does not ask";
    gateway.start();
    ASSERT_TRUE(adam.waitFor({"before", "meanwhile"}));
    ASSERT_TRUE(eva.waitFor({"before", "meanwhile"}));
    eva.add("after");
    EXPECT_TRUE(adam.waitFor({"before", "meanwhile", "after"}));
}

TEST_F(EnginioTodo, EventIsWhatEnginioSent)
{
    OpenSocket open = backend.open();
    ASSERT_EQ(call("POST", "", R"({"title": "Milk"})"), 201);
    const JsonView event(open.socket.readMessage().value_or(""));
    EXPECT_THAT(event.keys(), ElementsAre("object", "meta"));
    EXPECT_EQ(event.string("/object/title"), "Milk");
    EXPECT_EQ(event.string("/object/objectType"), "objects.todos");
    EXPECT_EQ(event.string("/object/id").size(), 24u);
    EXPECT_EQ(event.string("/meta/backendId"), backendId);
    EXPECT_EQ(event.string("/meta/eventName"), "create");
}

TEST_F(EnginioTodo, StoreRefusesWhatItCannotKeep)
{
    EXPECT_EQ(call("POST", "", R"({"title": ""})"), 400);
    EXPECT_EQ(call("POST", "", R"({"completed": true})"), 400);
    EXPECT_EQ(call("POST", "", R"({"title": "a", "completed": "yes"})"), 400);
    EXPECT_EQ(call("POST", "", "not JSON"), 400);
    EXPECT_EQ(call("POST", "", R"({"title": "a"})", "another"), 400);
    EXPECT_EQ(call("POST", "", std::string(70000, ' ')), 413);
    EXPECT_EQ(call("PUT", "/0123456789abcdef01234567", R"({"completed": true})"), 404);
    EXPECT_EQ(call("DELETE", "/0123456789abcdef01234567", ""), 404);
    EXPECT_EQ(call("PATCH", "", ""), 405);
    EXPECT_EQ(call("GET", "", ""), 200);
}

} // namespace mws::test
