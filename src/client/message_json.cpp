#include "message_json.h"

#include <QtCore/QJsonArray>

namespace mws::client {

namespace {

void addIfAny(QJsonObject &object, QLatin1String name, const QStringList &texts)
{
    if (!texts.isEmpty())
        object.insert(name, QJsonArray::fromStringList(texts));
}

void addIfAny(QJsonObject &object, QLatin1String name, const QString &text)
{
    if (!text.isEmpty())
        object.insert(name, text);
}

} // namespace

QJsonObject messageJson(const MwsMessage &message)
{
    QJsonObject receivers{{QStringLiteral("sockets"), QJsonArray::fromStringList(message.receivers.sockets)},
                          {QStringLiteral("tags"), QJsonArray::fromStringList(message.receivers.tags)}};
    addIfAny(receivers, QLatin1String("exclude"), message.receivers.exclude);
    QJsonObject json{{QStringLiteral("data"), message.data}, {QStringLiteral("receivers"), receivers}};
    if (message.isBinary)
        json.insert(QStringLiteral("encoding"), QStringLiteral("base64"));
    if (message.ttl)
        json.insert(QStringLiteral("ttl"), *message.ttl);
    addIfAny(json, QLatin1String("id"), message.id);
    return json;
}

QJsonObject reservationJson(const MwsReservation &reservation)
{
    QJsonObject json{{QStringLiteral("tags"), QJsonArray::fromStringList(reservation.tags)}};
    addIfAny(json, QLatin1String("user"), reservation.user);
    addIfAny(json, QLatin1String("clientMessages"), reservation.clientMessages);
    if (reservation.expiresIn)
        json.insert(QStringLiteral("expiresIn"), *reservation.expiresIn);
    if (reservation.reuse)
        json.insert(QStringLiteral("reuse"), *reservation.reuse);
    return json;
}

ErrorText errorOf(const QJsonObject &answer)
{
    QJsonObject error = answer.value(QLatin1String("error")).toObject();
    if (error.isEmpty())
        error = answer.value(QLatin1String("errors")).toArray().at(0).toObject();
    ErrorText found{error.value(QLatin1String("reason")).toString(),
                    error.value(QLatin1String("message")).toString()};
    const QString property = error.value(QLatin1String("property")).toString();
    if (!property.isEmpty())
        found.text = property + QStringLiteral(": ") + found.text;
    return found;
}

ReceiverCounts parseReceivers(const QByteArray &field)
{
    ReceiverCounts counts;
    for (const QByteArray &part : field.split(',')) {
        const qsizetype equals = part.indexOf('=');
        bool isNumber = false;
        const int number = equals < 0 ? 0 : part.mid(equals + 1).trimmed().toInt(&isNumber);
        if (!isNumber || number < 0)
            continue;
        const QByteArray name = part.left(equals).trimmed();
        if (name == "matched")
            counts.matched = number;
        else if (name == "dropped")
            counts.dropped = number;
    }
    return counts;
}

} // namespace mws::client
