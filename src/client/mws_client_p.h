#pragma once

#include "backoff.h"
#include "link.h"
#include "mws/client/mws_client.h"
#include "uri_fetch.h"

#include <QtCore/QPointer>
#include <memory>

/// What MwsClient does: one attempt after the other.
///
/// At most one of m_fetch and m_link is there, and m_timer runs for the state: in FetchingUri until the
/// provider must have answered, in Waiting until the next attempt. m_attempt tells a late answer from one of
/// this attempt.
///
/// Facts first, signals last: a slot may do anything, so that every function that emits has set all it means
/// to set before, and looks whether it is still there after. Thread: that of the client.
class MwsClientPrivate : public QObject
{
    Q_OBJECT

public:
    using State = MwsClient::State;

    explicit MwsClientPrivate(MwsClient *client);

    void begin();
    void close(int code, const QString &reason);
    bool isWaitingForUri() const { return m_state == MwsClient::FetchingUri; }
    /// The answer of a provider, from the event loop.
    void answerLater(const MwsUriAnswer &answer);
    int reconnectIn() const { return m_state == MwsClient::Waiting ? m_timer.remainingTime() : 0; }

    // Settings
    QUrl url;
    mws::client::UriQuestion provider;
    MwsClient::UriProvider uriProvider;
    mws::client::LinkSettings link;
    mws::client::BackoffSettings backoff;
    int maxAttempts = 0;
    QList<int> finalCloseCodes{1000};

    // What is shown
    State m_state = MwsClient::Idle;
    bool m_isActive = false;
    int m_closeCode = 0;
    QString m_closeReason;
    QString m_errorString;
    QString m_socketId;
    QStringList m_tags;
    QDateTime m_expiresAt;
    mws::client::Backoff m_backoff;
    std::unique_ptr<mws::client::Link> m_link;

private:
    enum class Source { Function, ProviderUrl, FixedUrl, Signal };
    Source source() const;
    State firstState() const
    {
        return source() == Source::FixedUrl ? MwsClient::Connecting : MwsClient::FetchingUri;
    }

    bool enter(State state, bool isActive);
    void startAttempt();
    void attempt(quint64 number);
    void fetch();
    void ask();
    void request();
    void answered(const MwsUriAnswer &answer, quint64 number);
    void connectTo(const QUrl &uri);
    void linkOpened();
    void linkEnded(const mws::client::LinkEnd &end);
    void lost(const mws::client::LinkEnd &end);
    void attemptFailed(const QString &error, int retryAfter, bool isFinal);
    bool mayTryAgain() const { return maxAttempts <= 0 || m_backoff.failures() < maxAttempts; }
    void fail(const QString &error);
    void drop();
    void timeIsUp();

    MwsClient *const q;
    QTimer m_timer;
    QNetworkAccessManager *m_network = nullptr; // our child, when it is needed
    std::unique_ptr<mws::client::UriFetch> m_fetch;
    quint64 m_attempt = 0;
};
