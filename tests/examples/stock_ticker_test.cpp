#include "client/client_test.h"
#include "examples/support/example_program.h"
#include "examples/support/qml_application.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <market.h>

namespace mws::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

constexpr char ticker[] = "ticker";

Environment settings()
{
    return {{"ACCESS_CONTROL", "custom"}, {"MWS_SERVER_WORKERS", "2"}};
}

/// A window of the example, used as a user does.
class Window : public QmlApplication
{
public:
    explicit Window(const ExampleProgram &server)
        : QmlApplication(MWS_EXAMPLE_FOLDER "/Main.qml",
                         {{QStringLiteral("server"), server.url().toString()}})
    {}

    int number(const char *name) const { return property(ticker, name).toInt(); }
    bool isLive() const { return property(ticker, "isLive").toBool(); }
    void choose(const std::string &symbol) { click(("choose-" + symbol).c_str()); }
    MwsClient &client() const { return *property(ticker, "client").value<MwsClient *>(); }
    /// The last sequence number of a symbol; -1: not subscribed to, or no history yet.
    qint64 sequence(const char *symbol) const
    {
        const QVariantMap series = property(ticker, "series").toMap();
        return series.value(QString::fromLatin1(symbol))
            .toMap()
            .value(QStringLiteral("sequence"), -1)
            .toLongLong();
    }
    int points(const char *symbol) const
    {
        const QVariant points = property((std::string("chart-") + symbol).c_str(), "points");
        return points.isValid() ? points.toInt() : -1;
    }
};

/// All that a socket gets, and whether each symbol's sequence numbers followed each other.
class Listener
{
public:
    explicit Listener(MwsClient &client)
    {
        QObject::connect(&client, &MwsClient::messageReceived, &m_context,
                         [this](const QString &message) { take(message); });
    }

    int count(const char *symbol) const { return m_count.value(QString::fromLatin1(symbol)); }
    QStringList symbols() const { return m_count.keys(); }
    int total() const { return m_total; }
    int broken() const { return m_broken; }
    void forget()
    {
        m_count.clear();
        m_last.clear();
    }

private:
    void take(const QString &message)
    {
        const QJsonObject tick = QJsonDocument::fromJson(message.toUtf8()).object();
        const QString symbol = tick.value(u"symbol").toString();
        const qint64 sequence = tick.value(u"sequence").toInteger();
        if (m_last.contains(symbol) && m_last.value(symbol) + 1 != sequence)
            ++m_broken;
        m_last.insert(symbol, sequence);
        ++m_count[symbol];
        ++m_total;
    }

    QObject m_context;
    QMap<QString, int> m_count;
    QHash<QString, qint64> m_last;
    int m_total = 0;
    int m_broken = 0;
};

QJsonObject json(const HttpAnswer &answer)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(answer.body)).object();
}

} // namespace

/// The gateway with two workers, the server with its prices, and windows.
class StockTicker : public ClientTest
{
protected:
    StockTicker() : ClientTest(lastingGateway(settings())) {}

    HttpAnswer call(const std::string &method, const std::string &path, const std::string &body = {})
    {
        HttpClient client({.port = server.port()});
        return client.request(method, path, body, {{"Content-Type", "application/json"}});
    }

    ExampleProgram server{{MWS_EXAMPLE_BUILD "/stock-server", "--gateway",
                           "http://127.0.0.1:" + std::to_string(gateway.port()) + "/v1", "--port", "0",
                           "--interval", "5", "--seed", "7"},
                          {{"SECURITY_TOKEN", securityToken}}};
};

TEST_F(StockTicker, OnlyWhatIsSubscribedToComesAndAllOfIt)
{
    ASSERT_TRUE(server.isListening());
    Window window(server);
    ASSERT_TRUE(waitUntil([&] { return window.isLive(); }));
    Listener listener(window.client());
    window.choose("NOK");
    ASSERT_TRUE(waitUntil([&] { return listener.count("NOK") >= 300; }));
    EXPECT_THAT(listener.symbols(), ElementsAre(QStringLiteral("NOK")));
    const QString socket = window.client().socketId();

    window.choose("QTCOM");
    ASSERT_TRUE(waitUntil([&] { return listener.count("QTCOM") >= 300; }));
    EXPECT_THAT(listener.symbols(), ElementsAre(QStringLiteral("NOK"), QStringLiteral("QTCOM")));
    ASSERT_TRUE(waitUntil([&] { return window.points("QTCOM") == 240 && window.points("NOK") == 240; }));
    EXPECT_EQ(window.property(ticker, "subscribed").toStringList().size(), 2);
    window.screenshot("stock-ticker", "window");

    window.choose("NOK");
    ASSERT_TRUE(waitUntil([&] { return window.sequence("NOK") == -1 && window.points("NOK") == -1; }));
    ASSERT_TRUE(waitUntil([&] {
        return JsonView(backend.get("/sockets").body).strings("/results/0/tags") ==
               std::vector<std::string>{"stock:QTCOM"};
    }));
    // What was on its way when the tag went has come by the time that these have.
    int more = listener.count("QTCOM") + 100;
    ASSERT_TRUE(waitUntil([&] { return listener.count("QTCOM") >= more; }));
    EXPECT_EQ(listener.broken(), 0);
    listener.forget();
    ASSERT_TRUE(waitUntil([&] { return listener.count("QTCOM") >= 300; }));
    EXPECT_THAT(listener.symbols(), ElementsAre(QStringLiteral("QTCOM")));
    EXPECT_EQ(window.client().socketId(), socket) << "one connection all the time";
    EXPECT_EQ(listener.broken(), 0);
    EXPECT_EQ(window.number("gaps"), 0);
    EXPECT_EQ(server.stop(), 0);
}

TEST_F(StockTicker, ManyTicksInOrderForEachOfTwoWindows)
{
    Window first(server);
    Window second(server);
    ASSERT_TRUE(waitUntil([&] { return first.isLive() && second.isLive(); }));
    Listener atFirst(first.client());
    Listener atSecond(second.client());
    for (const char *symbol : {"NOK", "QTCOM", "KNEBV", "NESTE", "SAMPO"})
        first.choose(symbol);
    second.choose("SAMPO");
    ASSERT_TRUE(waitUntil([&] { return atFirst.total() >= 8000; }, 3 * longPatience));
    ASSERT_TRUE(waitUntil([&] { return atSecond.total() >= 1000; }, longPatience));
    EXPECT_EQ(atFirst.broken(), 0);
    EXPECT_EQ(atSecond.broken(), 0);
    EXPECT_EQ(first.number("gaps"), 0);
    EXPECT_EQ(second.number("gaps"), 0);
    EXPECT_THAT(atFirst.symbols(), ::testing::SizeIs(5));
    EXPECT_THAT(atSecond.symbols(), ElementsAre(QStringLiteral("SAMPO")));
}

TEST_F(StockTicker, SubscriptionsOutliveTheGateway)
{
    Window window(server);
    window.client().setInitialDelay(1);
    ASSERT_TRUE(waitUntil([&] { return window.isLive(); }));
    window.choose("NESTE");
    ASSERT_TRUE(waitUntil([&] { return window.points("NESTE") > 100; }));
    gateway.kill();
    ASSERT_TRUE(waitUntil([&] { return !window.isLive(); }));
    window.choose("KNEBV");
    gateway.start();
    ASSERT_TRUE(waitUntil([&] { return window.isLive(); }));
    const qint64 before = window.sequence("NESTE");
    EXPECT_TRUE(waitUntil([&] { return window.sequence("NESTE") > before + 300; }));
    EXPECT_TRUE(waitUntil([&] { return window.sequence("KNEBV") > before; }));
    EXPECT_EQ(window.property(ticker, "error").toString(), QString());
}

TEST_F(StockTicker, ServerRefusesWhatItDoesNotKnow)
{
    EXPECT_EQ(call("POST", "/sockets", R"({"symbols": ["ENRON"]})").status, 422);
    EXPECT_EQ(call("POST", "/sockets", R"({"symbols": "NOK"})").status, 422);
    EXPECT_EQ(call("POST", "/sockets/0123456789abcdefghijklmnopqrstuv/symbols", R"({"add": ["NOK"]})").status,
              404);
    const HttpAnswer made = call("POST", "/sockets", R"({"symbols": ["NOK"]})");
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(json(made).value(u"tags").toArray(), QJsonArray{QStringLiteral("stock:NOK")});
    EXPECT_EQ(server.log().find(securityToken), std::string::npos);
    ASSERT_EQ(gateway.stop(), 0);
    EXPECT_EQ(call("POST", "/sockets", "{}").status, 503);
    EXPECT_EQ(call("GET", "/symbols").status, 200);
    gateway.start();
}

TEST(Market, SameSeedSamePricesAndSequencesFollow)
{
    Market one(7);
    Market same(7);
    Market other(8);
    for (int step = 0; step < 1000; ++step) {
        const auto ticks = one.advance();
        const auto again = same.advance();
        ASSERT_EQ(ticks.size(), 5);
        for (int index = 0; index < 5; ++index) {
            EXPECT_EQ(ticks[index].price, again[index].price);
            EXPECT_GT(ticks[index].price, 0);
            EXPECT_EQ(ticks[index].sequence, Market::historyLength / 2 + step + 1);
        }
    }
    other.advance();
    EXPECT_NE(other.history(QStringLiteral("NOK")), one.history(QStringLiteral("NOK")));
    EXPECT_EQ(one.history(QStringLiteral("NOK")).value(u"prices").toArray().size(), Market::historyLength);
}

} // namespace mws::test
