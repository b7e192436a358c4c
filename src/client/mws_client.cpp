#include "mws/client/mws_client.h"

#include "mws_client_p.h"

#include <QtNetwork/QNetworkProxy>
#include <QtNetwork/QSslConfiguration>

using std::chrono::milliseconds;

MwsClient::MwsClient(QObject *parent) : QObject(parent), d(new MwsClientPrivate(this)) {}

MwsClient::~MwsClient()
{
    delete d; // before ~QObject, so that nothing is emitted by half a client
}

namespace {

/// Sets what may be any value; true if it was another.
template <typename Value>
bool change(Value &held, const Value &value)
{
    if (held == value)
        return false;
    held = value;
    return true;
}

bool changeTime(milliseconds &held, int value)
{
    return change(held, milliseconds(qMax(1, value)));
}

bool changeTime(int &held, int value, int least = 1)
{
    return change(held, qMax(least, value));
}

} // namespace

QUrl MwsClient::url() const
{
    return d->url;
}

void MwsClient::setUrl(const QUrl &url)
{
    if (change(d->url, url))
        Q_EMIT configurationChanged();
}

QUrl MwsClient::providerUrl() const
{
    return d->provider.url;
}

void MwsClient::setProviderUrl(const QUrl &url)
{
    if (change(d->provider.url, url))
        Q_EMIT configurationChanged();
}

QVariantMap MwsClient::providerHeaders() const
{
    return d->provider.headers;
}

void MwsClient::setProviderHeaders(const QVariantMap &headers)
{
    if (change(d->provider.headers, headers))
        Q_EMIT configurationChanged();
}

QString MwsClient::providerBody() const
{
    return d->provider.body;
}

void MwsClient::setProviderBody(const QString &body)
{
    if (change(d->provider.body, body))
        Q_EMIT configurationChanged();
}

QString MwsClient::bearer() const
{
    return d->provider.bearer;
}

void MwsClient::setBearer(const QString &bearer)
{
    if (change(d->provider.bearer, bearer))
        Q_EMIT configurationChanged();
}

void MwsClient::setUriProvider(UriProvider provider)
{
    d->uriProvider = std::move(provider);
}

bool MwsClient::provideUri(const QUrl &uri)
{
    if (!d->isWaitingForUri())
        return false;
    d->answerLater(MwsUriAnswer::of(uri));
    return true;
}

bool MwsClient::failUri(const QString &error, int retryAfter)
{
    if (!d->isWaitingForUri())
        return false;
    d->answerLater(MwsUriAnswer::failed(error, retryAfter));
    return true;
}

bool MwsClient::refuseUri(const QString &error)
{
    if (!d->isWaitingForUri())
        return false;
    d->answerLater(MwsUriAnswer::refused(error));
    return true;
}

QString MwsClient::origin() const
{
    return d->link.origin;
}

void MwsClient::setOrigin(const QString &origin)
{
    if (change(d->link.origin, origin))
        Q_EMIT configurationChanged();
}

QStringList MwsClient::subprotocols() const
{
    return d->link.subprotocols;
}

void MwsClient::setSubprotocols(const QStringList &names)
{
    if (change(d->link.subprotocols, names))
        Q_EMIT configurationChanged();
}

QNetworkProxy MwsClient::proxy() const
{
    return d->link.proxy.value_or(QNetworkProxy(QNetworkProxy::DefaultProxy));
}

void MwsClient::setProxy(const QNetworkProxy &proxy)
{
    d->link.proxy = proxy;
    Q_EMIT configurationChanged();
}

QSslConfiguration MwsClient::sslConfiguration() const
{
    return d->link.ssl.value_or(QSslConfiguration::defaultConfiguration());
}

void MwsClient::setSslConfiguration(const QSslConfiguration &configuration)
{
    d->link.ssl = configuration;
    Q_EMIT configurationChanged();
}

int MwsClient::initialDelay() const
{
    return int(d->backoff.initial.count());
}

void MwsClient::setInitialDelay(int time)
{
    if (changeTime(d->backoff.initial, time))
        Q_EMIT configurationChanged();
}

double MwsClient::delayFactor() const
{
    return d->backoff.factor;
}

void MwsClient::setDelayFactor(double factor)
{
    if (change(d->backoff.factor, factor >= 1 ? factor : 1.0))
        Q_EMIT configurationChanged();
}

int MwsClient::maxDelay() const
{
    return int(d->backoff.max.count());
}

void MwsClient::setMaxDelay(int time)
{
    if (changeTime(d->backoff.max, time))
        Q_EMIT configurationChanged();
}

int MwsClient::stableAfter() const
{
    return int(d->backoff.stableAfter.count());
}

void MwsClient::setStableAfter(int time)
{
    if (changeTime(d->backoff.stableAfter, time))
        Q_EMIT configurationChanged();
}

int MwsClient::maxAttempts() const
{
    return d->maxAttempts;
}

void MwsClient::setMaxAttempts(int attempts)
{
    if (changeTime(d->maxAttempts, attempts, 0))
        Q_EMIT configurationChanged();
}

QList<int> MwsClient::finalCloseCodes() const
{
    return d->finalCloseCodes;
}

void MwsClient::setFinalCloseCodes(const QList<int> &codes)
{
    if (change(d->finalCloseCodes, codes))
        Q_EMIT configurationChanged();
}

int MwsClient::providerTimeout() const
{
    return d->provider.timeout;
}

void MwsClient::setProviderTimeout(int time)
{
    if (changeTime(d->provider.timeout, time))
        Q_EMIT configurationChanged();
}

int MwsClient::connectTimeout() const
{
    return d->link.connectTimeout;
}

void MwsClient::setConnectTimeout(int time)
{
    if (changeTime(d->link.connectTimeout, time))
        Q_EMIT configurationChanged();
}

int MwsClient::closeTimeout() const
{
    return d->link.closeTimeout;
}

void MwsClient::setCloseTimeout(int time)
{
    if (changeTime(d->link.closeTimeout, time))
        Q_EMIT configurationChanged();
}

int MwsClient::pingInterval() const
{
    return d->link.pingInterval;
}

void MwsClient::setPingInterval(int time)
{
    if (changeTime(d->link.pingInterval, time, 0))
        Q_EMIT configurationChanged();
}

int MwsClient::pongTimeout() const
{
    return d->link.pongTimeout;
}

void MwsClient::setPongTimeout(int time)
{
    if (changeTime(d->link.pongTimeout, time))
        Q_EMIT configurationChanged();
}

qint64 MwsClient::maxMessageSize() const
{
    return d->link.maxMessageSize;
}

void MwsClient::setMaxMessageSize(qint64 bytes)
{
    // QWebSocket holds a message in one QByteArray.
    if (change(d->link.maxMessageSize, qBound(qint64(1), bytes, qint64(1) << 30)))
        Q_EMIT configurationChanged();
}

qint64 MwsClient::maxBytesToWrite() const
{
    return d->link.maxBytesToWrite;
}

void MwsClient::setMaxBytesToWrite(qint64 bytes)
{
    if (change(d->link.maxBytesToWrite, qMax(qint64(0), bytes)))
        Q_EMIT configurationChanged();
}

bool MwsClient::isActive() const
{
    return d->m_isActive;
}

void MwsClient::setActive(bool active)
{
    if (active)
        open();
    else
        close();
}

MwsClient::State MwsClient::state() const
{
    return d->m_state;
}

int MwsClient::closeCode() const
{
    return d->m_closeCode;
}

QString MwsClient::closeReason() const
{
    return d->m_closeReason;
}

QString MwsClient::errorString() const
{
    return d->m_errorString;
}

QString MwsClient::socketId() const
{
    return d->m_socketId;
}

QStringList MwsClient::tags() const
{
    return d->m_tags;
}

QDateTime MwsClient::expiresAt() const
{
    return d->m_expiresAt;
}

QString MwsClient::subprotocol() const
{
    return d->m_state == Open ? d->m_link->subprotocol() : QString();
}

int MwsClient::reconnectIn() const
{
    return d->reconnectIn();
}

int MwsClient::failedAttempts() const
{
    return d->m_backoff.failures();
}

qint64 MwsClient::bytesToWrite() const
{
    return d->m_link ? d->m_link->bytesToWrite() : 0;
}

void MwsClient::open()
{
    d->begin();
}

void MwsClient::close(int code, const QString &reason)
{
    d->close(code, reason);
}

bool MwsClient::send(const QString &message)
{
    return d->m_state == Open && d->m_link->sendText(message);
}

bool MwsClient::sendBinary(const QByteArray &message)
{
    return d->m_state == Open && d->m_link->sendBinary(message);
}
