#include "event_loop.h"
#include "support/fake_enginio.h"
#include "support/gateway_test.h"

#include <QAbstractListModel>
#include <QQmlComponent>
#include <QQmlEngine>
#include <QVariantMap>

namespace mws::test {

namespace {

/// The body that Enginio posted for an event of one todo.
std::string enginioEvent(const std::string &type, const std::string &object)
{
    return R"({"payload":{"object":)" + object + R"(,"meta":{"eventType":")" + type +
           R"(","backendId":"54be545ae5bde551410243c3","requestId":"00a1"}},)"
           R"("receivers":[{"id":"*","objectType":"aclSubject"}]})";
}

std::string todo(const std::string &id, const std::string &title, bool completed)
{
    return R"({"id":")" + id + R"(","objectType":"objects.todos","title":")" + title + R"(","completed":)" +
           (completed ? "true" : "false") + '}';
}

/// An object made from a QML file by the real engine.
class QmlObject
{
public:
    QmlObject(const QString &file, const QVariantMap &properties)
        : m_component(&m_engine, QUrl::fromLocalFile(file))
    {
        m_object.reset(m_component.createWithInitialProperties(properties));
        EXPECT_TRUE(m_object) << m_component.errorString().toStdString();
    }
    QVariant property(const char *name) const { return m_object ? m_object->property(name) : QVariant(); }

private:
    QQmlEngine m_engine;
    QQmlComponent m_component;
    std::unique_ptr<QObject> m_object;
};

} // namespace

/// A QML application with XMLHttpRequest and the WebSocket type, and the events that Enginio posted.
class QmlClient : public GatewayTest
{
protected:
    explicit QmlClient(GatewayOptions options = {.environment = {{"SECURITY_TOKEN", securityToken}}})
        : GatewayTest(std::move(options))
    {}
    QString address() const { return QStringLiteral("http://127.0.0.1:%1").arg(gateway.port()); }
    void post(const std::string &type, const std::string &object)
    {
        const HttpAnswer answer = backend.post("/webhook_receivers/enginio", enginioEvent(type, object));
        ASSERT_EQ(answer.status, 201) << answer.body;
    }
    static QVariant role(const QAbstractListModel *todos, int row, const char *name)
    {
        return todos->data(todos->index(row), todos->roleNames().key(name));
    }
};

TEST_F(QmlClient, ListFollowsCreateUpdateAndDelete)
{
    const QmlObject application(QStringLiteral(MWS_TODO_QML), {{QStringLiteral("gateway"), address()}});
    ASSERT_TRUE(waitUntil([&] { return application.property("opened").toBool(); }));
    const auto *todos = qobject_cast<QAbstractListModel *>(application.property("todos").value<QObject *>());
    ASSERT_TRUE(todos);

    post("create", todo("1", "milk", false));
    post("create", todo("2", "bread", false));
    ASSERT_TRUE(waitUntil([&] { return todos->rowCount() == 2; }));
    EXPECT_EQ(role(todos, 0, "title").toString(), QStringLiteral("milk"));
    EXPECT_FALSE(role(todos, 0, "completed").toBool());

    post("update", todo("1", "oat milk", true));
    ASSERT_TRUE(waitUntil([&] { return role(todos, 0, "completed").toBool(); }));
    EXPECT_EQ(role(todos, 0, "title").toString(), QStringLiteral("oat milk"));
    EXPECT_EQ(role(todos, 1, "title").toString(), QStringLiteral("bread"));

    post("delete", todo("1", "oat milk", true));
    ASSERT_TRUE(waitUntil([&] { return todos->rowCount() == 1; }));
    EXPECT_EQ(role(todos, 0, "id").toString(), QStringLiteral("2"));
}

TEST_F(QmlClient, QuickstartReceives)
{
    const QmlObject client(QStringLiteral(MWS_QUICKSTART_QML), {{QStringLiteral("gateway"), address()}});
    constexpr int open = 1; // WebSocket.Open
    ASSERT_TRUE(waitUntil([&] { return client.property("status").toInt() == open; }));
    backend.sendToAll("Hello World!");
    EXPECT_TRUE(waitUntil(
        [&] { return client.property("lastMessage").toString() == QStringLiteral("Hello World!"); }));
}

struct WithEnginio
{
    FakeEnginio enginio;
};

/// The same application with users of an Enginio backend.
class QmlUsers : public WithEnginio, public QmlClient
{
protected:
    QmlUsers()
        : QmlClient({.environment = {{"SECURITY_TOKEN", securityToken},
                                     {"ACCESS_CONTROL", "eds"},
                                     {"EDS_URI", enginio.uri()},
                                     {"EDS_BACKEND_ID", "54be545ae5bde551410243c3"},
                                     {"EDS_PERMISSIONS", R"({"read":["*"],"write":[]})"}}})
    {
        enginio.add("token-of-john", R"({"id":"john","usergroups":[]})");
        enginio.add("token-of-jane", R"({"id":"jane","usergroups":[]})");
    }
    QVariantMap user(const char *accessToken) const
    {
        return {{QStringLiteral("gateway"), address()},
                {QStringLiteral("accessToken"), QString::fromLatin1(accessToken)}};
    }
};

TEST_F(QmlUsers, EventForOneUserReachesThatUser)
{
    const QmlObject john(QStringLiteral(MWS_TODO_QML), user("token-of-john"));
    const QmlObject jane(QStringLiteral(MWS_TODO_QML), user("token-of-jane"));
    ASSERT_TRUE(
        waitUntil([&] { return john.property("opened").toBool() && jane.property("opened").toBool(); }));
    const std::string body =
        R"({"payload":{"object":)" + todo("7", "for john", false) +
        R"(,"meta":{"eventType":"create"}},"receivers":[{"id":"john","objectType":"users"}]})";
    ASSERT_EQ(backend.post("/webhook_receivers/enginio", body).status, 201);
    post("create", todo("8", "for all", false));
    const auto *johns = qobject_cast<QAbstractListModel *>(john.property("todos").value<QObject *>());
    const auto *janes = qobject_cast<QAbstractListModel *>(jane.property("todos").value<QObject *>());
    ASSERT_TRUE(johns && janes);
    ASSERT_TRUE(waitUntil([&] { return johns->rowCount() == 2 && janes->rowCount() == 1; }));
    EXPECT_EQ(role(johns, 0, "title").toString(), QStringLiteral("for john"));
    EXPECT_EQ(role(janes, 0, "title").toString(), QStringLiteral("for all"));
}

} // namespace mws::test
