#pragma once

#include "http_call.h"
#include "mws/client/mws_client.h"

#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QNetworkProxy>
#include <QtNetwork/QSslConfiguration>
#include <memory>
#include <optional>

namespace mws::client {

struct UriQuestion
{
    QUrl url;
    QVariantMap headers = {};
    QString body = {}; ///< not empty: POST
    QString bearer = {};
    int timeout = 10000;
    std::optional<QNetworkProxy> proxy = {};
    std::optional<QSslConfiguration> ssl = {};
};

/// What is wrong with a question, empty if nothing: a scheme that is not http, header fields that are none.
QString complaintAbout(const UriQuestion &question);

/// What an HTTP answer says about the URI, for a client that asked at `url`.
MwsUriAnswer uriAnswerOf(const HttpResult &result, const QUrl &url, const QDateTime &now);

/// Asks a provider's URL once, over a connection of its own: one that was kept may be as dead as the socket
/// that was lost. Thread: that of `network`, which outlives it.
class UriFetch : public QObject
{
    Q_OBJECT

public:
    UriFetch(QNetworkAccessManager &network, const UriQuestion &question);

Q_SIGNALS:
    /// Once.
    void answered(const MwsUriAnswer &answer);

private:
    std::unique_ptr<HttpCall> m_call;
};

} // namespace mws::client
