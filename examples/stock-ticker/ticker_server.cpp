#include "ticker_server.h"

#include <QFutureInterface>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTcpServer>
#include <memory>

namespace {

/// The gateway's limit on a batch.
constexpr int batchLimit = 1000;
constexpr int waitingLimit = 20 * batchLimit;

using Status = QHttpServerResponder::StatusCode;

QHttpServerResponse refusal(Status status, const QString &message)
{
    return QHttpServerResponse(QJsonObject{{QStringLiteral("error"), message}}, status);
}

/// An answer that is given later. Not a QPromise: Qt 6.4's server takes the result out of the future, which
/// makes the promise's destructor believe that it was never kept, and crash.
using Pending = QFutureInterface<QHttpServerResponse>;

void give(Pending &pending, QHttpServerResponse &&response)
{
    pending.reportAndMoveResult(std::move(response));
    pending.reportFinished();
}

QFuture<QHttpServerResponse> now(QHttpServerResponse &&response)
{
    Pending pending;
    pending.reportStarted();
    give(pending, std::move(response));
    return pending.future();
}

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
    m_http.route(QStringLiteral("/symbols"), QHttpServerRequest::Method::Get,
                 [this] { return histories(m_market.symbols()); });
    m_http.route(QStringLiteral("/sockets"), QHttpServerRequest::Method::Post,
                 [this](const QHttpServerRequest &request) { return reserve(request); });
    m_http.route(
        QStringLiteral("/sockets/<arg>/symbols"), QHttpServerRequest::Method::Post,
        [this](const QString &id, const QHttpServerRequest &request) { return change(id, request); });
}

QHttpServerResponse TickerServer::histories(const QStringList &symbols) const
{
    QJsonArray all;
    for (const QString &symbol : symbols)
        all.append(m_market.history(symbol));
    return QHttpServerResponse(QJsonObject{{QStringLiteral("symbols"), all}});
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

TickerServer::Answer TickerServer::reserve(const QHttpServerRequest &request)
{
    QStringList symbols;
    QString error;
    if (!readSymbols(bodyOf(request), "symbols", symbols, error))
        return now(refusal(Status::UnprocessableEntity, error));
    MwsReservation reservation;
    reservation.tags = tagsOf(symbols);
    return whenAnswered(m_publisher.reserveSocket(reservation), [](const MwsReply &reply) {
        return QHttpServerResponse(reply.json(), Status::Created);
    });
}

TickerServer::Answer TickerServer::change(const QString &id, const QHttpServerRequest &request)
{
    const QJsonObject body = bodyOf(request);
    QStringList added;
    QStringList removed;
    QString error;
    if (!readSymbols(body, "add", added, error) || !readSymbols(body, "remove", removed, error))
        return now(refusal(Status::UnprocessableEntity, error));
    // The history is from after the change of tags: what comes later is sent, so that nothing is between
    // them.
    return whenAnswered(m_publisher.changeTags(id, tagsOf(added), tagsOf(removed)),
                        [this, added](const MwsReply &) { return histories(added); });
}

TickerServer::Answer TickerServer::whenAnswered(MwsReply *reply,
                                                std::function<QHttpServerResponse(const MwsReply &)> finish)
{
    const auto pending = std::make_shared<Pending>();
    pending->reportStarted();
    reply->onFinished(this, [pending, finish = std::move(finish)](const MwsReply &answer) {
        if (!answer.isError())
            give(*pending, finish(answer));
        else if (answer.status() == 404)
            give(*pending, refusal(Status::NotFound, QStringLiteral("This socket is not open")));
        else
            give(*pending, refusal(Status::ServiceUnavailable, answer.errorString()));
    });
    return pending->future();
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
