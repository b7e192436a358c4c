#pragma once

#include <mws/client/mws_client_global.h>

#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <functional>

class MwsPublisher;
class MwsReplyPrivate;

/// The answer to one call of MwsPublisher. It belongs to the publisher and deletes itself after finished(),
/// unless setAutoDelete(false) was called. Deleting it earlier gives the call up. Thread: the publisher's.
class MWS_CLIENT_EXPORT MwsReply : public QObject
{
    Q_OBJECT

public:
    ~MwsReply() override;

    bool isFinished() const;
    /// The call did not succeed, or has not finished.
    bool isError() const;
    /// HTTP status; 0 if there was no answer.
    int status() const;
    /// The gateway's word for an error, e.g. `AccessDenied`, or of the first one of a 422. Ours, where there
    /// was no answer of the gateway: `Network`, `Timeout`, `TooLarge`, `NotJson`, `Aborted`, `InvalidCall`.
    QString reason() const;
    /// For people; names the property of invalid data.
    QString errorString() const;
    /// The JSON object of the answer, also of an error. Empty for 204.
    QJsonObject json() const;
    /// Of a message: open sockets that its receivers named on the answering node, and those of them whose
    /// queue was full. -1: the answer does not say.
    int receiversMatched() const;
    int receiversDropped() const;
    /// Seconds that Retry-After names; 0 if none.
    int retryAfter() const;
    /// Requests made, the first included.
    int attempts() const;

    /// Calls `handler` when it has finished, from the event loop, unless `context`, an object of the same
    /// thread, is gone. Returns the reply.
    MwsReply *onFinished(QObject *context, std::function<void(const MwsReply &reply)> handler);

    bool autoDelete() const;
    void setAutoDelete(bool autoDelete);

public Q_SLOTS:
    /// Gives the call up: finished() comes with the reason `Aborted`. What was sent may still take effect.
    void abort();

Q_SIGNALS:
    /// Once, from the event loop.
    void finished();

private:
    friend class MwsPublisherPrivate;
    friend class MwsReplyPrivate;
    explicit MwsReply(QObject *parent);
    Q_DISABLE_COPY_MOVE(MwsReply)
    MwsReplyPrivate *const d;
};
