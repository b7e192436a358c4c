#include "pair.h"

#include <mws/client/mws_publisher.h>

Pair::Pair(const QString &id, MwsPublisher &publisher, QObject *parent) : QObject(parent), m_id(id)
{
    m_transport.client().setUriProvider([this, &publisher](const MwsClient::UriAnswer &answer) {
        publisher.reserveSocket({{tag()}})->onFinished(this, [answer](const MwsReply &reply) {
            if (reply.isError())
                answer(MwsUriAnswer::failed(reply.errorString(), reply.retryAfter() * 1000));
            else
                answer(MwsUriAnswer::of(QUrl(reply.json().value(QStringLiteral("uri")).toString())));
        });
    });
    publish();
}

Pair::Pair(const QUrl &url, QObject *parent) : QObject(parent)
{
    m_transport.client().setUrl(url);
    publish();
}

void Pair::publish()
{
    m_lastSeen.start();
    m_channel.registerObject(QStringLiteral("thermostat"), &m_thermostat);
    m_channel.connectTo(&m_transport);
    connect(&m_transport.client(), &MwsClient::opened, this, &Pair::opened);
    m_transport.client().open();
}
