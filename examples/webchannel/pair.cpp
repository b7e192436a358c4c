#include "pair.h"

#include <QtCore/QTimer>
#include <mws/client/mws_publisher.h>

namespace {

constexpr int pageUriLife = 24 * 3600; // s, the longest: it waits here until a page comes
constexpr int reserveAgainMs = 1000;

QString uriOf(const MwsReply &reply)
{
    return reply.json().value(QStringLiteral("uri")).toString();
}

} // namespace

Pair::Pair(const QString &id, MwsPublisher &publisher, QObject *parent)
    : QObject(parent), m_id(id), m_publisher(&publisher)
{
    m_transport.client().setUriProvider([this](const MwsClient::UriAnswer &answer) {
        m_publisher->reserveSocket({{tag()}})->onFinished(this, [answer](const MwsReply &reply) {
            if (reply.isError())
                answer(MwsUriAnswer::failed(reply.errorString(), reply.retryAfter() * 1000));
            else
                answer(MwsUriAnswer::of(QUrl(uriOf(reply))));
        });
    });
    connect(this, &Pair::opened, this, [this] {
        if (m_pageUri.isEmpty())
            reservePageUri();
        else
            Q_EMIT ready();
    });
    publish();
}

Pair::Pair(const QUrl &url, QObject *parent) : QObject(parent)
{
    m_transport.client().setUrl(url);
    publish();
}

Pair::~Pair()
{
    if (m_publisher)
        m_publisher->closeByTag(tag());
}

QString Pair::takePageUri()
{
    if (!isReady())
        return {};
    m_lastSeen.restart();
    const QString uri = std::exchange(m_pageUri, QString());
    reservePageUri();
    return uri;
}

void Pair::publish()
{
    m_lastSeen.start();
    m_channel.registerObject(QStringLiteral("thermostat"), &m_thermostat);
    m_channel.connectTo(&m_transport);
    connect(&m_transport.client(), &MwsClient::opened, this, &Pair::opened);
    m_transport.client().open();
}

void Pair::reservePageUri()
{
    MwsReservation reservation{{tag()}};
    reservation.expiresIn = pageUriLife;
    m_publisher->reserveSocket(reservation)->onFinished(this, [this](const MwsReply &reply) {
        m_pageUri = uriOf(reply);
        if (m_pageUri.isEmpty())
            QTimer::singleShot(reserveAgainMs, this, &Pair::reservePageUri);
        else if (isReady())
            Q_EMIT ready();
    });
}
