#include "pair_server.h"

#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QUuid>
#include <QtNetwork/QTcpServer>

namespace {

using Status = QHttpServerResponse::StatusCode;

constexpr int lookAfterMs = 20000;
constexpr int goneAfterMs = 60000;

QHttpServerResponse fileAnswer(const QByteArray &type, const QString &name)
{
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly))
        return QHttpServerResponse(Status::NotFound);
    return QHttpServerResponse(type, file.readAll());
}

QHttpServerResponse errorAnswer(Status status, const QString &text)
{
    return QHttpServerResponse(QJsonObject{{QStringLiteral("error"), text}}, status);
}

} // namespace

PairServer::PairServer()
{
    const QString folder = QStringLiteral(PAGE_FOLDER "/");
    m_server.route("/", [folder] {
        return fileAnswer("text/html; charset=utf-8", folder + QStringLiteral("index.html"));
    });
    m_server.route("/thermostat.js", [folder] {
        return fileAnswer("text/javascript", folder + QStringLiteral("thermostat.js"));
    });
    // Qt WebChannel carries its JavaScript half inside.
    m_server.route("/qwebchannel.js", [] {
        return fileAnswer("text/javascript", QStringLiteral(":/qtwebchannel/qwebchannel.js"));
    });
    m_server.route("/pairs", QHttpServerRequest::Method::Post, [this] { return openPair(); });
    m_server.route("/pairs/<arg>", QHttpServerRequest::Method::Post,
                   [this](const QString &id) { return comeBack(id); });
    connect(&m_timer, &QTimer::timeout, this, &PairServer::lookAfterPages);
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

void PairServer::servePairs(const QUrl &gateway, const QString &securityToken)
{
    m_publisher = std::make_unique<MwsPublisher>(gateway, securityToken);
    m_timer.start(lookAfterMs);
    makeNext();
}

void PairServer::makeNext()
{
    const QString id = QUuid::createUuid().toString(QUuid::Id128); // not to be guessed
    m_next = std::make_shared<Pair>(id, *m_publisher);
    connect(m_next.get(), &Pair::ready, this, &PairServer::ready);
}

QHttpServerResponse PairServer::openPair()
{
    if (m_pairs.size() >= mostPairs)
        return errorAnswer(Status::ServiceUnavailable,
                           QStringLiteral("there are %1 pages already").arg(mostPairs));
    if (!m_next || !m_next->isReady())
        return errorAnswer(Status::ServiceUnavailable, QStringLiteral("no pair is ready"));
    const auto pair = m_next;
    m_pairs.insert(pair->id(), pair);
    makeNext();
    return answerOf(*pair);
}

QHttpServerResponse PairServer::comeBack(const QString &id)
{
    const auto pair = m_pairs.value(id);
    if (!pair)
        return errorAnswer(Status::NotFound, QStringLiteral("no such pair"));
    if (!pair->isReady())
        return errorAnswer(Status::ServiceUnavailable, QStringLiteral("the gateway is away"));
    return answerOf(*pair);
}

QHttpServerResponse PairServer::answerOf(Pair &pair)
{
    return QHttpServerResponse(
        QJsonObject{{QStringLiteral("pair"), pair.id()}, {QStringLiteral("uri"), pair.takePageUri()}},
        Status::Created);
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
        m_publisher->sockets(pair->tag())->onFinished(pair.get(), [pair = pair.get()](const MwsReply &reply) {
            if (reply.isError() || reply.json().value(QStringLiteral("results")).toArray().size() >= 2)
                pair->lastSeen().restart();
        });
    }
}
