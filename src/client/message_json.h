#pragma once

#include "mws/client/mws_publisher.h"

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>

/// The bodies of MwsPublisher's calls, and what comes back.
namespace mws::client {

QJsonObject messageJson(const MwsMessage &message);
QJsonObject reservationJson(const MwsReservation &reservation);

struct ErrorText
{
    QString reason;
    QString text;
};
/// The gateway's error of either form: `{"error": {…}}` or `{"errors": [{…}]}`, of which the first is taken.
/// Empty if it is none.
ErrorText errorOf(const QJsonObject &answer);

struct ReceiverCounts
{
    int matched = -1;
    int dropped = -1;
};
/// `matched=N, dropped=M`; -1 for what it does not say.
ReceiverCounts parseReceivers(const QByteArray &field);

} // namespace mws::client
