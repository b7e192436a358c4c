#include "net/feed_socket.h"

#include <QCoreApplication>
#include <QPointer>
#include <gtest/gtest.h>
#include <string>

namespace mws {

namespace {

class Owner final : public FeedOwner
{
public:
    void feedWrote(std::string_view bytes) override { written += bytes; }
    void feedAnswered() override { ++answered; }
    void feedClosed() override { ++closed; }
    qint64 feedPending() const override { return qint64(written.size()); }

    std::string written;
    int answered = 0;
    int closed = 0;
};

class FeedSocketTest : public testing::Test
{
protected:
    Owner m_owner;
    FeedSocket m_feed{m_owner, QHostAddress(QStringLiteral("192.0.2.1")), 1234,
                      FeedSocket::Deletion::ByServer};
};

} // namespace

TEST_F(FeedSocketTest, LooksLikeAConnectedSocket)
{
    EXPECT_EQ(m_feed.state(), QAbstractSocket::ConnectedState);
    EXPECT_TRUE(m_feed.isOpen());
    EXPECT_EQ(m_feed.peerAddress().toString(), QStringLiteral("192.0.2.1"));
    EXPECT_EQ(m_feed.peerPort(), 1234);
    EXPECT_EQ(m_feed.socketDescriptor(), -1);
}

TEST_F(FeedSocketTest, GivesItsServerWhatIsOffered)
{
    int signalled = 0;
    QObject::connect(&m_feed, &QIODevice::readyRead, [&] { ++signalled; });
    m_feed.offer("one");
    EXPECT_EQ(signalled, 1);
    EXPECT_EQ(m_feed.bytesAvailable(), 3);
    EXPECT_EQ(m_feed.read(2), "on");
    m_feed.offer("two");
    EXPECT_EQ(m_feed.readAll(), "etwo");
    EXPECT_EQ(m_feed.bytesAvailable(), 0);
}

TEST_F(FeedSocketTest, TellsWhenAnAnswerIsComplete)
{
    m_feed.offerRequest("GET / HTTP/1.1\r\n\r\n", false);
    EXPECT_TRUE(m_feed.answering());
    m_feed.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
    EXPECT_EQ(m_owner.answered, 0);
    m_feed.write("llo");
    EXPECT_EQ(m_owner.answered, 1);
    EXPECT_FALSE(m_feed.answering());
    EXPECT_EQ(m_owner.written, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
}

TEST_F(FeedSocketTest, DropsTheBodyOfAHeadAnswerHoweverItIsWritten)
{
    m_feed.offerRequest("HEAD / HTTP/1.1\r\n\r\n", true);
    m_feed.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    m_feed.write("hello");
    EXPECT_EQ(m_owner.written, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(m_owner.answered, 1);
    m_feed.offerRequest("GET / HTTP/1.1\r\n\r\n", false);
    m_feed.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    EXPECT_EQ(m_owner.answered, 2);
    EXPECT_TRUE(m_owner.written.ends_with("ok"));
}

TEST_F(FeedSocketTest, TakesTheLengthOutOf204)
{
    m_feed.offerRequest("OPTIONS / HTTP/1.1\r\n\r\n", false);
    m_feed.write("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\nVary: Origin\r\n\r\n");
    EXPECT_EQ(m_owner.written, "HTTP/1.1 204 No Content\r\nVary: Origin\r\n\r\n");
    EXPECT_EQ(m_owner.answered, 1);
}

TEST_F(FeedSocketTest, ConfirmsWritingWhenTheConnectionHasDrained)
{
    qint64 confirmed = 0;
    QObject::connect(&m_feed, &QIODevice::bytesWritten, [&](qint64 bytes) { confirmed += bytes; });
    m_feed.write("abc");
    EXPECT_EQ(confirmed, 0);
    EXPECT_EQ(m_feed.bytesToWrite(), 3);
    m_feed.drained();
    EXPECT_EQ(confirmed, 3);
    m_feed.drained();
    EXPECT_EQ(confirmed, 3);
}

TEST_F(FeedSocketTest, FinishesOnceWithTheSignalsOfADisconnectedSocket)
{
    QList<QAbstractSocket::SocketState> states;
    int disconnections = 0;
    QObject::connect(&m_feed, &QAbstractSocket::stateChanged, [&](auto state) { states << state; });
    QObject::connect(&m_feed, &QAbstractSocket::disconnected, [&] { ++disconnections; });
    m_feed.close();
    m_feed.disconnectFromHost();
    EXPECT_EQ(m_owner.closed, 1);
    EXPECT_EQ(disconnections, 1);
    EXPECT_EQ(states, (QList<QAbstractSocket::SocketState>{QAbstractSocket::ClosingState,
                                                           QAbstractSocket::UnconnectedState}));
    EXPECT_EQ(m_feed.write("late"), -1);
    EXPECT_EQ(m_owner.written, "");
}

TEST(FeedSocket, SwallowsTheRestOfAnAnswerWhoseConnectionIsLost)
{
    Owner owner;
    const QPointer<FeedSocket> feed =
        new FeedSocket(owner, QHostAddress::LocalHost, 1, FeedSocket::Deletion::ByItself);
    feed->offerRequest("GET / HTTP/1.1\r\n\r\n", false);
    feed->write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    feed->ownerGone();
    ASSERT_TRUE(feed) << "a responder may still hold it";
    EXPECT_EQ(feed->state(), QAbstractSocket::ConnectedState);
    feed->write("hello");
    EXPECT_EQ(owner.answered, 0);
    EXPECT_EQ(owner.closed, 0);
    QCoreApplication::sendPostedEvents();
    EXPECT_EQ(feed->state(), QAbstractSocket::UnconnectedState);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    EXPECT_FALSE(feed);
}

TEST(FeedSocket, EndsAtOnceWhenNobodyAnswers)
{
    Owner owner;
    const QPointer<FeedSocket> feed =
        new FeedSocket(owner, QHostAddress::LocalHost, 1, FeedSocket::Deletion::ByItself);
    feed->ownerGone();
    EXPECT_EQ(feed->state(), QAbstractSocket::UnconnectedState);
    EXPECT_EQ(owner.closed, 0);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    EXPECT_FALSE(feed);
}

} // namespace mws
