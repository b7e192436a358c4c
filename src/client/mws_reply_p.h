#pragma once

#include "backoff.h"
#include "http_call.h"
#include "message_json.h"
#include "mws/client/mws_reply.h"

#include <QtCore/QPointer>
#include <memory>

class MwsPublisherPrivate;

/// One call: its requests, and the pauses between them.
/// Thread: that of the publisher.
class MwsReplyPrivate : public QObject
{
    Q_OBJECT

public:
    explicit MwsReplyPrivate(MwsReply *reply) : QObject(reply), q(reply), m_pause(this) {}
    ~MwsReplyPrivate() override;

    /// Makes the first request, now or when it is its turn.
    void start(QNetworkAccessManager &network);
    /// Ends it without an answer, from the event loop.
    void failLater(const QString &reason, const QString &error);
    void abort();

    // The call
    mws::client::HttpQuestion question;
    bool isRepeatable = false;
    int maxRetries = 0;
    std::chrono::milliseconds maxRetryAfter{60000};
    QPointer<MwsPublisherPrivate> publisher; ///< told when it is over; set for messages

    // The answer
    bool m_isFinished = false;
    bool m_isError = true;
    int m_status = 0;
    QString m_reason;
    QString m_errorString;
    QJsonObject m_json;
    mws::client::ReceiverCounts m_receivers;
    int m_retryAfter = 0;
    int m_attempts = 0;
    bool m_autoDelete = true;

private:
    void request();
    void take(const mws::client::HttpResult &result);
    bool repeat(const mws::client::HttpResult &result);
    void read(const mws::client::HttpResult &result);
    void end(const QString &reason, const QString &error);
    void finish();
    void leavePublisher();

    MwsReply *const q;
    QNetworkAccessManager *m_network = nullptr;
    std::unique_ptr<mws::client::HttpCall> m_call;
    QTimer m_pause;
    mws::client::Backoff m_backoff;
};
