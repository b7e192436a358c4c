#include "client_transport.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

ClientTransport::ClientTransport(QObject *parent) : QWebChannelAbstractTransport(parent)
{
    connect(&m_client, &MwsClient::messageReceived, this, &ClientTransport::take);
}

void ClientTransport::sendMessage(const QJsonObject &message)
{
    m_client.send(QString::fromUtf8(QJsonDocument(message).toJson(QJsonDocument::Compact)));
}

void ClientTransport::take(const QString &text)
{
    const QJsonDocument document = QJsonDocument::fromJson(text.toUtf8());
    if (document.isObject())
        Q_EMIT messageReceived(document.object(), this);
    else
        qWarning("a message that is no JSON object is left out");
}
