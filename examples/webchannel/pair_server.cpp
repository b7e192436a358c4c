#include "pair_server.h"

#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QPromise>
#include <QtCore/QUuid>
#include <QtNetwork/QTcpServer>

namespace {

constexpr int openTimeoutMs = 10000;
constexpr int lookAfterMs = 20000;
constexpr int goneAfterMs = 60000;

QHttpServerResponse fileAnswer(const QByteArray &type, const QString &name)
{
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly))
        return QHttpServerResponse(QHttpServerResponse::StatusCode::NotFound);
    return QHttpServerResponse(type, file.readAll());
}

QHttpServerResponse errorAnswer(QHttpServerResponse::StatusCode status, const QString &text)
{
    return QHttpServerResponse(QJsonObject{{QStringLiteral("error"), text}}, status);
}

QFuture<QHttpServerResponse> atOnce(QHttpServerResponse &&answer)
{
    QPromise<QHttpServerResponse> promise;
    promise.start();
    promise.addResult(std::move(answer));
    promise.finish();
    return promise.future();
}

/// An answer that is given once, later.
class LateAnswer
{
public:
    LateAnswer() { m_promise.start(); }
    QFuture<QHttpServerResponse> future() { return m_promise.future(); }
    void give(QHttpServerResponse &&answer)
    {
        if (m_promise.future().isFinished())
            return;
        m_promise.addResult(std::move(answer));
        m_promise.finish();
    }

private:
    QPromise<QHttpServerResponse> m_promise;
};

} // namespace

PairServer::PairServer(const QUrl &gateway, const QString &securityToken, QObject *parent)
    : QObject(parent), m_publisher(gateway, securityToken)
{
    const QString folder = QStringLiteral(PAGE_FOLDER "/");
    m_server.route("/", [=] { return fileAnswer("text/html; charset=utf-8", folder + QStringLiteral("index.html")); });
    m_server.route("/thermostat.js",
                   [=] { return fileAnswer("text/javascript", folder + QStringLiteral("thermostat.js")); });
    // Qt WebChannel carries its JavaScript half inside.
    m_server.route("/qwebchannel.js", [] {
        return fileAnswer("text/javascript", QStringLiteral(":/qtwebchannel/qwebchannel.js"));
    });
    m_server.route("/pairs", QHttpServerRequest::Method::Post, [this] { return openPair(); });
    m_server.route("/pairs/<arg>", QHttpServerRequest::Method::Post,
                   [this](const QString &id) { return comeBack(id); });
    connect(&m_timer, &QTimer::timeout, this, &PairServer::lookAfterPages);
    m_timer.start(lookAfterMs);
}

PairServer::~PairServer() = default;

quint16 PairServer::listen(quint16 port)
{
    auto listener = std::make_unique<QTcpServer>();
    if (!listener->listen(QHostAddress::LocalHost, port))
        return 0;
    const quint16 actual = listener->serverPort();
    m_server.bind(listener.release()); // belongs to it from here on
    return actual;
}

PairServer::Answer PairServer::openPair()
{
    if (m_pairs.size() >= mostPairs)
        return atOnce(errorAnswer(QHttpServerResponse::StatusCode::ServiceUnavailable,
                                  QStringLiteral("there are %1 pages already").arg(mostPairs)));
    const QString id = QUuid::createUuid().toString(QUuid::Id128); // not to be guessed
    auto pair = std::make_shared<Pair>(id, m_publisher);
    m_pairs.insert(id, pair);
    return reserveForPage(*pair);
}

PairServer::Answer PairServer::comeBack(const QString &id)
{
    const auto pair = m_pairs.value(id);
    if (!pair)
        return atOnce(errorAnswer(QHttpServerResponse::StatusCode::NotFound, QStringLiteral("no such pair")));
    return reserveForPage(*pair);
}

// The page is told where to connect when this half is connected: its first message would be lost otherwise.
PairServer::Answer PairServer::reserveForPage(Pair &pair)
{
    pair.lastSeen().restart();
    const auto answer = std::make_shared<LateAnswer>();
    const auto reserve = [this, &pair, answer] {
        m_publisher.reserveSocket({{pair.tag()}})->onFinished(&pair, [&pair, answer](const MwsReply &reply) {
            if (reply.isError())
                answer->give(errorAnswer(QHttpServerResponse::StatusCode::ServiceUnavailable, reply.errorString()));
            else
                answer->give(QHttpServerResponse(
                    QJsonObject{{QStringLiteral("pair"), pair.id()},
                                {QStringLiteral("uri"), reply.json().value(QStringLiteral("uri"))}},
                    QHttpServerResponse::StatusCode::Created));
        });
    };
    if (pair.isOpen()) {
        reserve();
        return answer->future();
    }
    auto *waiting = new QObject(&pair); // until it is open, or time is up
    connect(&pair, &Pair::opened, waiting, [waiting, reserve] {
        waiting->deleteLater();
        reserve();
    });
    QTimer::singleShot(openTimeoutMs, waiting, [waiting, answer] {
        waiting->deleteLater();
        answer->give(errorAnswer(QHttpServerResponse::StatusCode::ServiceUnavailable,
                                 QStringLiteral("the gateway is away")));
    });
    return answer->future();
}

// A page that was closed says nothing: the gateway knows whether its socket is still there.
void PairServer::lookAfterPages()
{
    const auto pairs = m_pairs;
    for (const auto &pair : pairs) {
        if (pair->lastSeen().hasExpired(goneAfterMs)) {
            m_pairs.remove(pair->id());
            continue;
        }
        m_publisher.sockets(pair->tag())->onFinished(pair.get(), [pair = pair.get()](const MwsReply &reply) {
            if (reply.isError() || reply.json().value(QStringLiteral("results")).toArray().size() >= 2)
                pair->lastSeen().restart();
        });
    }
}
