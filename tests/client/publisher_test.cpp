#include "client/client_test.h"
#include "client/scripted_server.h"

#include <QJsonArray>
#include <QPointer>
#include <mws/client/mws_publisher.h>

namespace mws::test {

using ::testing::HasSubstr;

/// A backend that calls the gateway with the library.
class Publisher : public ClientTest
{
protected:
    Publisher()
        : ClientTest(guardedGateway({{"MWS_GATEWAY_CLIENT_MESSAGES", "echo"}})),
          publisher(at(""), QString::fromLatin1(securityToken))
    {}

    /// The reply when it has finished.
    static std::unique_ptr<MwsReply> wait(MwsReply *reply)
    {
        reply->setAutoDelete(false);
        EXPECT_TRUE(waitUntil([&] { return reply->isFinished(); }, longPatience));
        return std::unique_ptr<MwsReply>(reply);
    }
    static QString text(const char *words) { return QString::fromUtf8(words); }

    MwsPublisher publisher;
};

TEST_F(Publisher, SendsTextBytesAndJson)
{
    OpenSocket open = backend.open({"players"});
    const auto to = MwsReceivers::tag(text("players"));
    const auto sent = wait(publisher.send(MwsMessage(text("Grüße \"x\""), to)));
    EXPECT_FALSE(sent->isError()) << sent->errorString().toStdString();
    EXPECT_EQ(sent->status(), 201);
    EXPECT_EQ(sent->receiversMatched(), 1);
    EXPECT_EQ(sent->receiversDropped(), 0);
    EXPECT_EQ(sent->json().value(text("data")).toString(), text("Grüße \"x\""));
    wait(publisher.send(MwsMessage(QByteArray("\x00\xff", 2), to)));
    wait(publisher.send(MwsMessage(QJsonObject{{text("price"), 7.5}}, to)));
    EXPECT_EQ(open.socket.readMessage(), "Grüße \"x\"");
    EXPECT_EQ(open.socket.readMessage(), std::string("\x00\xff", 2));
    EXPECT_EQ(open.socket.readMessage(), R"({"price":7.5})");
}

TEST_F(Publisher, MessagesKeepTheOrderOfTheCalls)
{
    OpenSocket open = backend.open();
    int finished = 0;
    for (int i = 0; i < 200; ++i)
        publisher.send(MwsMessage(QString::number(i), MwsReceivers::socket(QString::fromStdString(open.id))))
            ->onFinished(&publisher, [&](const MwsReply &reply) { finished += reply.status() == 201; });
    ASSERT_TRUE(waitUntil([&] { return finished == 200; }, longPatience));
    for (int i = 0; i < 200; ++i)
        ASSERT_EQ(open.socket.readMessage(), std::to_string(i));
}

TEST_F(Publisher, OptionsReachTheGateway)
{
    OpenSocket one = backend.open({"t"});
    OpenSocket two = backend.open({"t"});
    MwsMessage message(text("once"), MwsReceivers::tag(text("t")));
    message.receivers.exclude = {QString::fromStdString(one.id)};
    message.id = text("order-1");
    message.ttl = 60;
    EXPECT_EQ(wait(publisher.send(message))->receiversMatched(), 1);
    EXPECT_EQ(wait(publisher.send(message))->status(), 201);
    EXPECT_EQ(wait(publisher.send(MwsMessage(text("end"), MwsReceivers::everyone())))->receiversMatched(), 2);
    EXPECT_EQ(one.socket.readMessage(), "end");
    EXPECT_EQ(two.socket.readMessage(), "once");
    EXPECT_EQ(two.socket.readMessage(), "end");
}

TEST_F(Publisher, BatchHasAResultForEachMessage)
{
    OpenSocket open = backend.open();
    const auto reply = wait(publisher.sendBatch({MwsMessage(text("a"), MwsReceivers::everyone()),
                                                 MwsMessage(QJsonValue(), MwsReceivers::everyone()),
                                                 MwsMessage(text("c"), MwsReceivers::everyone())}));
    EXPECT_EQ(reply->status(), 200);
    QList<int> statuses;
    for (const QJsonValue result : reply->json().value(text("results")).toArray())
        statuses.append(result.toObject().value(text("status")).toInt());
    EXPECT_EQ(statuses, (QList<int>{201, 422, 201}));
    EXPECT_EQ(open.socket.readMessage(), "a");
    EXPECT_EQ(open.socket.readMessage(), "c");
}

TEST_F(Publisher, ReservesASocketThatAClientOpens)
{
    const auto reserved = wait(publisher.reserveSocket({.tags = {text("room:1")},
                                                        .user = text("users.7"),
                                                        .clientMessages = text("echo"),
                                                        .expiresIn = 60}));
    ASSERT_EQ(reserved->status(), 201);
    RecordedClient app;
    app.client.setUrl(QUrl(reserved->json().value(text("uri")).toString()));
    app.client.open();
    ASSERT_TRUE(app.waitForOpen());
    const QString id = reserved->json().value(text("id")).toString();
    const auto shown = wait(publisher.socket(id));
    EXPECT_EQ(shown->status(), 200);
    EXPECT_EQ(shown->json().value(text("user")).toString(), text("users.7"));
    ASSERT_TRUE(app.client.send(text("hello")));
    EXPECT_TRUE(waitUntil([&] { return app.texts.count() == 1; }, longPatience));
}

TEST_F(Publisher, ListsSocketsInPages)
{
    std::vector<OpenSocket> open;
    for (int i = 0; i < 5; ++i)
        open.push_back(backend.open({i < 3 ? "a+b c" : "other"}));
    QStringList ids;
    QString cursor;
    int pages = 0;
    do {
        const auto page = wait(publisher.sockets(text("a+b c"), 2, cursor));
        ASSERT_EQ(page->status(), 200) << page->errorString().toStdString();
        for (const QJsonValue socket : page->json().value(text("results")).toArray())
            ids.append(socket.toObject().value(text("id")).toString());
        cursor = page->json().value(text("cursor")).toString();
        ++pages;
    } while (!cursor.isEmpty() && pages < 10);
    EXPECT_EQ(ids.size(), 3);
    ids.removeDuplicates();
    EXPECT_EQ(ids.size(), 3);
    EXPECT_GE(pages, 2);
}

TEST_F(Publisher, ChangesTags)
{
    OpenSocket open = backend.open({"old"});
    const auto changed =
        wait(publisher.changeTags(QString::fromStdString(open.id), {text("new")}, {text("old")}));
    EXPECT_EQ(changed->status(), 200);
    EXPECT_EQ(changed->json().value(text("tags")).toArray(), QJsonArray{text("new")});
    EXPECT_EQ(wait(publisher.send(MwsMessage(text("x"), MwsReceivers::tag(text("old")))))->receiversMatched(),
              0);
    EXPECT_EQ(wait(publisher.send(MwsMessage(text("y"), MwsReceivers::tag(text("new")))))->receiversMatched(),
              1);
    EXPECT_EQ(open.socket.readMessage(), "y");
}

TEST_F(Publisher, ClosesSockets)
{
    OpenSocket one = backend.open({"t & u"});
    OpenSocket two = backend.open({"t & u"});
    OpenSocket mine = backend.open({}, R"("user":"users.1")");
    EXPECT_EQ(wait(publisher.closeSocket(QString::fromStdString(one.id), 4001, text("go & rest")))->status(),
              200);
    const WireFrame close = one.socket.readFrame().value_or(WireFrame{});
    EXPECT_EQ(close.closeCode(), 4001);
    EXPECT_EQ(close.closeReason(), "go & rest");
    const auto byTag = wait(publisher.closeByTag(text("t & u")));
    EXPECT_EQ(byTag->json().value(text("closed")).toInt(), 1);
    EXPECT_EQ(two.socket.readFrame().value_or(WireFrame{}).closeCode(), 1008);
    EXPECT_EQ(wait(publisher.closeByUser(text("users.1"), 4002))->json().value(text("closed")).toInt(), 1);
    EXPECT_EQ(mine.socket.readFrame().value_or(WireFrame{}).closeCode(), 4002);
}

TEST_F(Publisher, ErrorsSayWhatWasWrong)
{
    const auto invalid = wait(publisher.send(MwsMessage(QJsonValue(), MwsReceivers::everyone())));
    EXPECT_TRUE(invalid->isError());
    EXPECT_EQ(invalid->status(), 422);
    EXPECT_FALSE(invalid->reason().isEmpty());
    EXPECT_THAT(invalid->errorString().toStdString(), HasSubstr("data: "));
    const auto missing = wait(publisher.socket(text("../../nowhere?x")));
    EXPECT_EQ(missing->status(), 404);
    EXPECT_FALSE(missing->errorString().isEmpty());
    publisher.setSecurityToken(QString::fromStdString(gateway.secret("wrong-token-55f1")));
    const auto denied = wait(publisher.sockets());
    EXPECT_EQ(denied->status(), 401);
    EXPECT_THAT(denied->errorString().toStdString(), Not(HasSubstr("wrong-token")));
}

TEST_F(Publisher, CallsThatCannotBeMadeAreErrorsFromTheEventLoop)
{
    const std::vector<std::function<MwsReply *()>> calls{
        [&] { return publisher.socket({}); }, [&] { return publisher.closeSocket({}); },
        [&] { return publisher.changeTags({}, {text("a")}); }};
    for (const auto &call : calls) {
        MwsReply *reply = call();
        EXPECT_FALSE(reply->isFinished());
        EXPECT_EQ(wait(reply)->reason(), text("InvalidCall"));
    }
    publisher.setSecurityToken(text("a\r\nHost: evil"));
    EXPECT_THAT(wait(publisher.sockets())->errorString().toStdString(), HasSubstr("securityToken"));
    publisher.setBaseUrl(QUrl(text("ftp://host/v1")));
    EXPECT_THAT(wait(publisher.sockets())->errorString().toStdString(), HasSubstr("baseUrl"));
}

TEST_F(Publisher, OtherGatewaysAreCalledByTheirPath)
{
    createGateway("other");
    const auto base = QUrl(text("http://127.0.0.1:%1/v1/gateways/none/").arg(gateway.port()));
    publisher.setBaseUrl(base);
    EXPECT_EQ(wait(publisher.sockets())->status(), 404);
    publisher.setBaseUrl(QUrl(text("http://127.0.0.1:%1/v1/gateways/default").arg(gateway.port())));
    EXPECT_EQ(wait(publisher.sockets())->status(), 200);
}

TEST_F(Publisher, RepliesDeleteThemselves)
{
    QPointer<MwsReply> reply = publisher.sockets();
    bool isDone = false;
    reply->onFinished(&publisher, [&](const MwsReply &) { isDone = true; });
    EXPECT_TRUE(waitUntil([&] { return isDone && !reply; }, longPatience));
}

TEST_F(Publisher, HandlerOfAnObjectThatIsGoneIsNotCalled)
{
    auto *context = new QObject;
    MwsReply *reply = publisher.sockets();
    reply->onFinished(context, [](const MwsReply &) { FAIL(); });
    delete context;
    EXPECT_EQ(wait(reply)->status(), 200);
}

TEST_F(Publisher, GoneReplyLetsTheNextMessageGo)
{
    OpenSocket open = backend.open();
    MwsReply *first = publisher.send(MwsMessage(text("1"), MwsReceivers::everyone()));
    MwsReply *second = publisher.send(MwsMessage(text("2"), MwsReceivers::everyone()));
    MwsReply *third = publisher.send(MwsMessage(text("3"), MwsReceivers::everyone()));
    second->abort();
    delete first;
    EXPECT_EQ(wait(second)->reason(), text("Aborted"));
    EXPECT_EQ(wait(third)->status(), 201);
}

TEST_F(Publisher, MayBeDeletedInAHandler)
{
    auto *own = new MwsPublisher(at(""), QString::fromLatin1(securityToken));
    QPointer<MwsPublisher> alive(own);
    own->sockets()->onFinished(qApp, [own](const MwsReply &) { delete own; });
    own->send(MwsMessage(text("x"), MwsReceivers::everyone()));
    own->send(MwsMessage(text("y"), MwsReceivers::everyone()));
    EXPECT_TRUE(waitUntil([&] { return !alive; }, longPatience));
}

/// A gateway that is not well.
class PublisherRetry : public Publisher
{
protected:
    PublisherRetry()
    {
        publisher.setBaseUrl(server.url("/v1"));
        publisher.setMaxRetries(2);
    }
    MwsMessage withId(const char *id) const
    {
        MwsMessage message(text("x"), MwsReceivers::everyone());
        message.id = text(id);
        return message;
    }
    ScriptedServer server;
};

TEST_F(PublisherRetry, MessageWithAnIdIsRepeatedAfter503)
{
    server.add(ScriptedServer::http("503 Service Unavailable", {}, "Retry-After: 1\r\n"));
    server.add(ScriptedServer::http("201 Created", "{}", "Mws-Receivers: matched=4, dropped=1\r\n"));
    const auto start = std::chrono::steady_clock::now();
    const auto reply = wait(publisher.send(withId("1")));
    EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
    EXPECT_EQ(reply->status(), 201);
    EXPECT_EQ(reply->attempts(), 2);
    EXPECT_EQ(reply->receiversMatched(), 4);
    EXPECT_EQ(reply->receiversDropped(), 1);
    ASSERT_EQ(server.requests().size(), 2);
    EXPECT_EQ(server.requests().at(0), server.requests().at(1));
}

TEST_F(PublisherRetry, MessageWithoutAnIdIsNot)
{
    server.add(ScriptedServer::http("503 Service Unavailable",
                                    R"({"error":{"reason":"Unavailable","message":"Later"}})",
                                    "Retry-After: 7\r\n"));
    const auto reply = wait(publisher.send(MwsMessage(text("x"), MwsReceivers::everyone())));
    EXPECT_TRUE(reply->isError());
    EXPECT_EQ(reply->status(), 503);
    EXPECT_EQ(reply->reason(), text("Unavailable"));
    EXPECT_EQ(reply->retryAfter(), 7);
    EXPECT_EQ(reply->attempts(), 1);
    EXPECT_EQ(
        wait(publisher.sendBatch({withId("1"), MwsMessage(text("x"), MwsReceivers::everyone())}))->attempts(),
        1);
}

TEST_F(PublisherRetry, MessageWithoutAnIdIsSentOnceWhenTheConnectionIsLost)
{
    server.add("-"); // closed without an answer
    const auto reply = wait(publisher.send(MwsMessage(text("x"), MwsReceivers::everyone())));
    EXPECT_EQ(reply->reason(), text("Network"));
    EXPECT_EQ(reply->attempts(), 1);
    EXPECT_EQ(server.requests().size(), 1);
}

TEST_F(PublisherRetry, EndsAfterTheMostRetries)
{
    server.add("HTTP/1.1 201 Created\r\nContent-Length: 50\r\n\r\n{"); // breaks off
    const auto reply = wait(publisher.sendBatch({withId("1"), withId("2")}));
    EXPECT_TRUE(reply->isError());
    EXPECT_EQ(reply->reason(), text("Network"));
    EXPECT_EQ(reply->attempts(), 3);
}

TEST_F(PublisherRetry, LongerPauseThanAllowedIsTheEnd)
{
    publisher.setMaxRetryAfter(4999);
    server.add(ScriptedServer::http("429 Too Many Requests", {}, "Retry-After: 5\r\n"));
    const auto reply = wait(publisher.sockets());
    EXPECT_EQ(reply->status(), 429);
    EXPECT_EQ(reply->attempts(), 1);
}

TEST_F(PublisherRetry, OtherRefusalsAreNotRepeated)
{
    server.add(ScriptedServer::http("403 Forbidden", "<html>"));
    const auto reply = wait(publisher.sockets());
    EXPECT_EQ(reply->attempts(), 1);
    EXPECT_EQ(reply->reason(), text("NotJson"));
}

TEST_F(PublisherRetry, SilenceIsATimeout)
{
    publisher.setMaxRetries(0);
    publisher.setTimeout(200);
    server.addSilence();
    const auto reply = wait(publisher.sockets());
    EXPECT_EQ(reply->reason(), text("Timeout"));
    EXPECT_EQ(reply->status(), 0);
}

TEST_F(PublisherRetry, EndlessAnswerIsCutOff)
{
    publisher.setMaxRetries(0);
    server.addEndless("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(wait(publisher.sockets())->reason(), text("TooLarge"));
}

TEST_F(PublisherRetry, TokenDoesNotFollowARedirect)
{
    ScriptedServer other;
    other.add(ScriptedServer::http("200 OK", "{}"));
    server.add(
        ScriptedServer::http("307 Temporary Redirect", {}, "Location: " + other.url().toEncoded() + "\r\n"));
    const auto reply = wait(publisher.sockets());
    EXPECT_TRUE(reply->isError());
    EXPECT_EQ(reply->status(), 307);
    EXPECT_EQ(other.requests().size(), 0);
}

} // namespace mws::test
