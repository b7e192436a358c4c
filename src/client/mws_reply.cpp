#include "mws/client/mws_reply.h"

#include "mws_publisher_p.h"
#include "mws_reply_p.h"
#include "retry_rules.h"

#include <QtCore/QJsonDocument>
#include <utility>

using namespace mws::client;
using std::chrono::milliseconds;

namespace {

const BackoffSettings pauses{milliseconds(500), 2, milliseconds(10000)};

QString reasonOf(HttpFailure failure)
{
    switch (failure) {
    case HttpFailure::Timeout:
        return QStringLiteral("Timeout");
    case HttpFailure::TooLarge:
        return QStringLiteral("TooLarge");
    case HttpFailure::Aborted:
        return QStringLiteral("Aborted");
    default:
        return QStringLiteral("Network");
    }
}

/// Whether the same call may go better a little later.
bool isWorthRepeating(const HttpResult &result)
{
    if (result.failure == HttpFailure::None)
        return result.status == 429 || result.status == 503;
    return result.failure == HttpFailure::Network || result.failure == HttpFailure::Timeout;
}

} // namespace

MwsReplyPrivate::~MwsReplyPrivate()
{
    leavePublisher();
}

void MwsReplyPrivate::start(QNetworkAccessManager &network)
{
    m_network = &network;
    m_pause.setSingleShot(true);
    m_pause.setTimerType(Qt::PreciseTimer); // a coarse one may be early: Retry-After
    connect(&m_pause, &QTimer::timeout, this, &MwsReplyPrivate::request);
    request();
}

void MwsReplyPrivate::request()
{
    ++m_attempts;
    m_call = std::make_unique<HttpCall>(*m_network, question);
    connect(m_call.get(), &HttpCall::done, this, &MwsReplyPrivate::take);
}

void MwsReplyPrivate::take(const HttpResult &ended)
{
    const HttpResult result = ended; // it is a part of the call
    m_call.reset();
    m_status = result.status;
    m_retryAfter = int(parseRetryAfter(result.retryAfter, QDateTime::currentDateTimeUtc()).count() / 1000);
    if (!repeat(result)) {
        read(result);
        finish();
    }
}

bool MwsReplyPrivate::repeat(const HttpResult &result)
{
    const milliseconds asked = std::chrono::seconds(m_retryAfter);
    if (!isRepeatable || m_attempts > maxRetries || !isWorthRepeating(result) || asked > maxRetryAfter)
        return false;
    m_pause.start(m_backoff.failed(pauses, asked));
    return true;
}

void MwsReplyPrivate::read(const HttpResult &result)
{
    m_receivers = parseReceivers(result.receivers);
    if (result.failure != HttpFailure::None) {
        m_reason = reasonOf(result.failure);
        m_errorString = result.error;
        return;
    }
    const QJsonDocument document = QJsonDocument::fromJson(result.body);
    m_json = document.object();
    const bool isReadable = document.isObject() || result.body.isEmpty();
    m_isError = result.status < 200 || result.status > 299 || !isReadable;
    if (!m_isError)
        return;
    auto [reason, text] = errorOf(m_json);
    m_reason = reason.isEmpty() ? QStringLiteral("NotJson") : std::move(reason);
    m_errorString = statusText(result.status) + QStringLiteral(": ") +
                    (text.isEmpty() ? QStringLiteral("an answer that is not the gateway's") : text);
}

void MwsReplyPrivate::end(const QString &reason, const QString &error)
{
    m_reason = reason;
    m_errorString = error;
    finish();
}

void MwsReplyPrivate::failLater(const QString &reason, const QString &error)
{
    QMetaObject::invokeMethod(
        this, [this, reason, error] { end(reason, error); }, Qt::QueuedConnection);
}

void MwsReplyPrivate::abort()
{
    if (m_isFinished)
        return;
    if (m_call) {
        m_call->abort();
    } else {
        m_pause.stop();
        leavePublisher();
        failLater(reasonOf(HttpFailure::Aborted), QStringLiteral("the call was given up"));
    }
}

void MwsReplyPrivate::leavePublisher()
{
    if (MwsPublisherPrivate *owner = std::exchange(publisher, nullptr))
        owner->leave(this);
}

void MwsReplyPrivate::finish()
{
    if (m_isFinished)
        return;
    m_isFinished = true;
    if (m_autoDelete)
        q->deleteLater();
    leavePublisher();
    Q_EMIT q->finished(); // the last thing: a slot may delete it
}

MwsReply::MwsReply(QObject *parent) : QObject(parent), d(new MwsReplyPrivate(this)) {}

MwsReply::~MwsReply()
{
    delete d;
}

bool MwsReply::isFinished() const
{
    return d->m_isFinished;
}

bool MwsReply::isError() const
{
    return d->m_isError;
}

int MwsReply::status() const
{
    return d->m_status;
}

QString MwsReply::reason() const
{
    return d->m_reason;
}

QString MwsReply::errorString() const
{
    return d->m_errorString;
}

QJsonObject MwsReply::json() const
{
    return d->m_json;
}

int MwsReply::receiversMatched() const
{
    return d->m_receivers.matched;
}

int MwsReply::receiversDropped() const
{
    return d->m_receivers.dropped;
}

int MwsReply::retryAfter() const
{
    return d->m_retryAfter;
}

int MwsReply::attempts() const
{
    return d->m_attempts;
}

MwsReply *MwsReply::onFinished(QObject *context, std::function<void(const MwsReply &)> handler)
{
    const auto call = [this, handler = std::move(handler)] { handler(*this); };
    if (isFinished())
        QMetaObject::invokeMethod(context, call, Qt::QueuedConnection);
    else
        connect(this, &MwsReply::finished, context, call);
    return this;
}

bool MwsReply::autoDelete() const
{
    return d->m_autoDelete;
}

void MwsReply::setAutoDelete(bool autoDelete)
{
    d->m_autoDelete = autoDelete;
}

void MwsReply::abort()
{
    d->abort();
}
