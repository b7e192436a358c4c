#include "identity/bounded_get.h"

#include <QNetworkReply>
#include <QNetworkRequest>
#include <QTimer>

namespace mws {

namespace {

Unexpected unavailable(std::string detail)
{
    return Unexpected(ErrorCode::Unavailable, std::move(detail));
}

} // namespace

void boundRequest(QNetworkRequest &request, const AnswerBounds &bounds)
{
    request.setRawHeader("Accept-Encoding", "identity");
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    for (const auto attribute :
         {QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::CookieSaveControlAttribute,
          QNetworkRequest::AuthenticationReuseAttribute})
        request.setAttribute(attribute, QNetworkRequest::Manual); // users share nothing
    request.setTransferTimeout(int(bounds.deadline.count()));
}

void boundReply(QNetworkReply *reply, const AnswerBounds &bounds)
{
    const int64_t most = bounds.bytes;
    reply->setReadBufferSize(most + 1);
    QObject::connect(reply, &QNetworkReply::readyRead, reply, [reply, most] {
        if (reply->bytesAvailable() > most)
            reply->abort();
    });
    // The transfer timeout begins anew with each byte: this one does not.
    QTimer::singleShot(bounds.deadline, reply, &QNetworkReply::abort);
}

Result<BoundedAnswer> boundedAnswer(QNetworkReply *reply, const AnswerBounds &bounds, const std::string &who)
{
    const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (reply->error() == QNetworkReply::OperationCanceledError)
        return unavailable(who + " answered too slowly or too much");
    if (status == 0)
        return unavailable(who + " cannot be reached");
    const QByteArray body = reply->read(bounds.bytes + 1);
    const bool isWhole = reply->error() == QNetworkReply::NoError || status != 200;
    if (!isWhole || body.size() > bounds.bytes)
        return unavailable(who + "'s answer is too long or broke off");
    return BoundedAnswer{status, body.toStdString()};
}

} // namespace mws
