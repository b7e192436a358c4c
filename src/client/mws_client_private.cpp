#include "mws_client_p.h"

#include "retry_rules.h"
#include "uri_answer.h"

#include <QtCore/QMetaMethod>

using namespace mws::client;

MwsClientPrivate::MwsClientPrivate(MwsClient *client) : QObject(client), q(client), m_timer(this)
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer); // a coarse one may be early: Retry-After
    connect(&m_timer, &QTimer::timeout, this, &MwsClientPrivate::timeIsUp);
}

MwsClientPrivate::Source MwsClientPrivate::source() const
{
    if (uriProvider)
        return Source::Function;
    if (!provider.url.isEmpty())
        return Source::ProviderUrl;
    return url.isEmpty() ? Source::Signal : Source::FixedUrl;
}

/// False if a slot has deleted the client, or has it do something else by now.
bool MwsClientPrivate::enter(State state, bool isActive)
{
    const bool isOther = m_state != state;
    const bool hasTurned = m_isActive != isActive;
    const quint64 attempt = m_attempt;
    m_state = state;
    m_isActive = isActive;
    const QPointer<MwsClientPrivate> alive(this);
    if (isOther)
        Q_EMIT q->stateChanged(state);
    if (alive && hasTurned)
        Q_EMIT q->activeChanged(isActive);
    return alive && m_state == state && m_attempt == attempt;
}

/// Ends what is under way; what it may still say is not heard.
void MwsClientPrivate::drop()
{
    ++m_attempt;
    m_timer.stop();
    m_fetch.reset();
    m_link.reset();
}

void MwsClientPrivate::begin()
{
    if (m_state == MwsClient::Closing) {
        enter(m_state, true); // and again when it is closed
    } else if (m_state == MwsClient::Idle || m_state == MwsClient::Failed) {
        m_backoff.reset();
        m_errorString.clear();
        startAttempt();
    } else if (m_state == MwsClient::Waiting) {
        startAttempt();
    }
}

void MwsClientPrivate::startAttempt()
{
    drop();
    const quint64 number = m_attempt;
    QMetaObject::invokeMethod(
        this, [this, number] { attempt(number); }, Qt::QueuedConnection);
    enter(firstState(), true);
}

void MwsClientPrivate::close(int code, const QString &reason)
{
    if (m_state == MwsClient::Closing) {
        enter(m_state, false);
    } else if (m_state == MwsClient::Open) {
        m_link->close(code, reason);
        enter(MwsClient::Closing, false);
    } else if (m_state != MwsClient::Idle) {
        drop();
        enter(MwsClient::Idle, false);
    }
}

void MwsClientPrivate::attempt(quint64 number)
{
    if (number != m_attempt)
        return;
    m_socketId.clear();
    m_tags.clear();
    m_expiresAt = {};
    switch (source()) {
    case Source::Function:
        return ask();
    case Source::ProviderUrl:
        return fetch();
    case Source::FixedUrl:
        return connectTo(url);
    case Source::Signal:
        return request();
    }
}

void MwsClientPrivate::fetch()
{
    if (const QString complaint = complaintAbout(provider); !complaint.isEmpty())
        return fail(complaint);
    UriQuestion question = provider;
    question.proxy = link.proxy;
    question.ssl = link.ssl;
    if (!m_network) // one for all attempts: its end waits for its thread
        m_network = new QNetworkAccessManager(this);
    m_fetch = std::make_unique<UriFetch>(*m_network, question);
    connect(m_fetch.get(), &UriFetch::answered, this,
            [this, number = m_attempt](const MwsUriAnswer &answer) { answered(answer, number); });
    enter(MwsClient::FetchingUri, true);
}

void MwsClientPrivate::ask()
{
    m_timer.start(provider.timeout);
    const auto function = uriProvider; // it may set another one
    const QPointer<MwsClientPrivate> alive(this);
    function([alive, number = m_attempt](const MwsUriAnswer &answer) {
        if (alive && alive->m_attempt == number)
            alive->answerLater(answer);
    });
}

void MwsClientPrivate::request()
{
    static const QMetaMethod signal = QMetaMethod::fromSignal(&MwsClient::uriRequested);
    if (!q->isSignalConnected(signal))
        return fail(
            QStringLiteral("nothing says where to connect to: set url, providerUrl or a URI provider"));
    m_timer.start(provider.timeout);
    Q_EMIT q->uriRequested();
}

void MwsClientPrivate::answerLater(const MwsUriAnswer &answer)
{
    QMetaObject::invokeMethod(
        this, [this, answer, number = m_attempt] { answered(answer, number); }, Qt::QueuedConnection);
}

void MwsClientPrivate::answered(const MwsUriAnswer &answer, quint64 number)
{
    if (number != m_attempt || m_state != MwsClient::FetchingUri)
        return;
    if (answer.uri.isEmpty())
        return attemptFailed(answer.error.isEmpty() ? QStringLiteral("the provider has no URI")
                                                    : answer.error,
                             answer.retryAfter, answer.isFinal);
    m_socketId = answer.socketId;
    m_tags = answer.tags;
    m_expiresAt = answer.expiresAt;
    connectTo(answer.uri);
}

void MwsClientPrivate::connectTo(const QUrl &uri)
{
    m_timer.stop();
    m_fetch.reset();
    if (const QString complaint = complaintAbout(uri); !complaint.isEmpty())
        return attemptFailed(complaint, 0, source() == Source::FixedUrl);
    m_link = std::make_unique<Link>(link);
    connect(m_link.get(), &Link::opened, this, &MwsClientPrivate::linkOpened);
    connect(m_link.get(), &Link::textReceived, q, &MwsClient::messageReceived);
    connect(m_link.get(), &Link::binaryReceived, q, &MwsClient::binaryMessageReceived);
    connect(m_link.get(), &Link::bytesWritten, q, &MwsClient::bytesWritten);
    connect(m_link.get(), &Link::ended, this, &MwsClientPrivate::linkEnded);
    m_link->open(uri);
    enter(MwsClient::Connecting, true);
}

void MwsClientPrivate::linkOpened()
{
    m_backoff.opened(std::chrono::steady_clock::now());
    m_errorString.clear();
    if (enter(MwsClient::Open, true))
        Q_EMIT q->opened();
}

void MwsClientPrivate::linkEnded(const LinkEnd &end)
{
    if (end.wasOpen)
        return lost(end);
    const int status = handshakeStatus(end.error);
    const bool isFinal = source() == Source::FixedUrl && status != 0 && !isPassing(status);
    attemptFailed(status == 0
                      ? end.error
                      : QStringLiteral("the server answered the handshake with ") + statusText(status),
                  0, isFinal);
}

void MwsClientPrivate::lost(const LinkEnd &ended)
{
    const LinkEnd end = ended; // the link has it
    const bool wasClosing = m_state == MwsClient::Closing;
    const bool isFinal = finalCloseCodes.contains(end.code);
    const bool isRefused = end.code == 1008 && source() == Source::FixedUrl;
    drop();
    m_closeCode = end.code;
    m_closeReason = end.reason;
    State next = MwsClient::Idle;
    bool isActive = false;
    if (wasClosing) {
        isActive = m_isActive;
    } else if (!isFinal) {
        m_errorString = end.error;
        const auto pause = m_backoff.lost(backoff, std::chrono::steady_clock::now());
        isActive = !isRefused && mayTryAgain();
        next = isActive ? MwsClient::Waiting : MwsClient::Failed;
        if (isActive)
            m_timer.start(pause);
    }
    const QPointer<MwsClientPrivate> alive(this);
    enter(next, isActive);
    if (alive)
        Q_EMIT q->closed(end.code, end.reason);
    if (alive && next == MwsClient::Failed)
        Q_EMIT q->errorOccurred(end.error);
    if (alive && wasClosing && m_state == MwsClient::Idle && m_isActive)
        startAttempt();
}

void MwsClientPrivate::attemptFailed(const QString &error, int retryAfter, bool isFinal)
{
    drop();
    m_errorString = error;
    const auto pause = m_backoff.failed(backoff, std::chrono::milliseconds(qMax(0, retryAfter)));
    if (isFinal || !mayTryAgain())
        return fail(error);
    m_timer.start(pause);
    const QPointer<MwsClientPrivate> alive(this);
    enter(MwsClient::Waiting, true);
    if (alive)
        Q_EMIT q->attemptFailed(error, int(pause.count()));
}

void MwsClientPrivate::fail(const QString &error)
{
    drop();
    m_errorString = error;
    const QPointer<MwsClientPrivate> alive(this);
    enter(MwsClient::Failed, false);
    if (alive)
        Q_EMIT q->errorOccurred(error);
}

void MwsClientPrivate::timeIsUp()
{
    if (m_state == MwsClient::Waiting)
        startAttempt();
    else if (m_state == MwsClient::FetchingUri)
        attemptFailed(QStringLiteral("the URI provider did not answer within %1 ms").arg(provider.timeout), 0,
                      false);
}
