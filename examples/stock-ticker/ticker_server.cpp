#include "ticker_server.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QPointer>
#include <QTcpServer>
#include <QTcpSocket>
#include <memory>

namespace {

/// The gateway's limit on a batch.
constexpr int batchLimit = 1000;
constexpr int waitingLimit = 20 * batchLimit;

using Status = QHttpServerResponder::StatusCode;

#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
using ResponderArgument = QHttpServerResponder &;
#else
using ResponderArgument = QHttpServerResponder &&;
#endif

QStringList tagsOf(const QStringList &symbols)
{
    QStringList tags;
    for (const QString &symbol : symbols)
        tags.append(QStringLiteral("stock:") + symbol);
    return tags;
}

QJsonObject bodyOf(const QHttpServerRequest &request)
{
    return QJsonDocument::fromJson(request.body()).object();
}

} // namespace

/// An answer that is given once the gateway has given its own; nothing happens if the client is gone by then.
class TickerServer::LaterAnswer
{
public:
    explicit LaterAnswer(QHttpServerResponder &&responder) : m_responder(std::move(responder))
    {
#if QT_VERSION < QT_VERSION_CHECK(6, 8, 0)
        m_socket = m_responder.socket(); // which this Qt keeps as a bare pointer
#endif
    }

    void give(const QJsonObject &object, Status status)
    {
#if QT_VERSION < QT_VERSION_CHECK(6, 8, 0)
        if (!m_socket)
            return;
#endif
        m_responder.write(QJsonDocument(object), status);
    }
    void refuse(const QString &message, Status status)
    {
        give({{QStringLiteral("error"), message}}, status);
    }

private:
    QHttpServerResponder m_responder;
    QPointer<QTcpSocket> m_socket;
};

TickerServer::TickerServer(const QUrl &gateway, const QString &securityToken, std::uint64_t seed,
                           int interval, QObject *parent)
    : QObject(parent), m_market(seed), m_publisher(gateway, securityToken)
{
    addRoutes();
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &TickerServer::tick);
    m_timer.start(interval);
}

quint16 TickerServer::listen(quint16 port)
{
    auto *listener = new QTcpServer(this);
    if (!listener->listen(QHostAddress::LocalHost, port))
        return 0;
    m_http.bind(listener);
    return listener->serverPort();
}

void TickerServer::addRoutes()
{
    using Method = QHttpServerRequest::Method;
    m_http.route(QStringLiteral("/symbols"), Method::Get,
                 [this] { return QHttpServerResponse(histories(m_market.symbols())); });
    m_http.route(QStringLiteral("/sockets"), Method::Post,
                 [this](const QHttpServerRequest &request, ResponderArgument responder) {
                     reserve(request, std::make_shared<LaterAnswer>(std::move(responder)));
                 });
    m_http.route(QStringLiteral("/sockets/<arg>/symbols"), Method::Post,
                 [this](const QString &id, const QHttpServerRequest &request, ResponderArgument responder) {
                     change(id, request, std::make_shared<LaterAnswer>(std::move(responder)));
                 });
}

QJsonObject TickerServer::histories(const QStringList &symbols) const
{
    QJsonArray all;
    for (const QString &symbol : symbols)
        all.append(m_market.history(symbol));
    return {{QStringLiteral("symbols"), all}};
}

bool TickerServer::readSymbols(const QJsonObject &body, const char *key, QStringList &symbols,
                               QString &error) const
{
    const QString name = QString::fromLatin1(key);
    const QJsonValue list = body.value(name);
    if (!list.isArray() && !list.isUndefined()) {
        error = name + QStringLiteral(": must be a list of symbols");
        return false;
    }
    for (const QJsonValue value : list.toArray()) {
        if (!m_market.has(value.toString())) {
            error = name + QStringLiteral(": has what is no symbol of ours");
            return false;
        }
        symbols.append(value.toString());
    }
    return true;
}

void TickerServer::reserve(const QHttpServerRequest &request, const Answer &answer)
{
    QStringList symbols;
    QString error;
    if (!readSymbols(bodyOf(request), "symbols", symbols, error)) {
        answer->refuse(error, Status::UnprocessableEntity);
        return;
    }
    MwsReservation reservation;
    reservation.tags = tagsOf(symbols);
    answerAfter(m_publisher.reserveSocket(reservation), answer,
                [answer](const MwsReply &reply) { answer->give(reply.json(), Status::Created); });
}

void TickerServer::change(const QString &id, const QHttpServerRequest &request, const Answer &answer)
{
    const QJsonObject body = bodyOf(request);
    QStringList added;
    QStringList removed;
    QString error;
    if (!readSymbols(body, "add", added, error) || !readSymbols(body, "remove", removed, error)) {
        answer->refuse(error, Status::UnprocessableEntity);
        return;
    }
    // The history is from after the change of tags: what comes later is sent, so that nothing is between
    // them.
    answerAfter(m_publisher.changeTags(id, tagsOf(added), tagsOf(removed)), answer,
                [this, answer, added](const MwsReply &) { answer->give(histories(added), Status::Ok); });
}

void TickerServer::answerAfter(MwsReply *reply, const Answer &answer,
                               std::function<void(const MwsReply &)> finish)
{
    reply->onFinished(this, [answer, finish = std::move(finish)](const MwsReply &gateways) {
        if (!gateways.isError())
            finish(gateways);
        else if (gateways.status() == 404)
            answer->refuse(QStringLiteral("This socket is not open"), Status::NotFound);
        else
            answer->refuse(gateways.errorString(), Status::ServiceUnavailable);
    });
}

void TickerServer::tick()
{
    for (const Market::Tick &tick : m_market.advance()) {
        const QJsonObject text{{QStringLiteral("symbol"), tick.symbol},
                               {QStringLiteral("price"), tick.price},
                               {QStringLiteral("sequence"), tick.sequence}};
        m_waiting.append(
            MwsMessage(QJsonValue(text), MwsReceivers::tag(QStringLiteral("stock:") + tick.symbol)));
    }
    // While the gateway is away only the newest are kept: clients fetch the history when they come back.
    if (m_waiting.size() > waitingLimit)
        m_waiting.erase(m_waiting.begin(), m_waiting.end() - waitingLimit / 2);
    if (!m_isPublishing)
        publish();
}

void TickerServer::publish()
{
    // One batch at a time: what comes meanwhile goes with the next. One that is lost shows in the sequence
    // numbers.
    m_isPublishing = true;
    const QList<MwsMessage> batch = m_waiting.mid(0, batchLimit);
    m_waiting.remove(0, batch.size());
    m_publisher.sendBatch(batch)->onFinished(this, [this](const MwsReply &reply) {
        m_isPublishing = false;
        if (reply.isError())
            qWarning("not published: %s", qPrintable(reply.errorString()));
        else if (!m_waiting.isEmpty())
            publish();
    });
}
