#include "cli/doctor.h"
#include "client/http_call.h"

#include <QEventLoop>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QTimer>
#include <cstdlib>

namespace mws::cli {

namespace {

constexpr int patience = 10000; // ms
constexpr qint64 longestBody = 1 << 20;
constexpr auto smallDifference = std::chrono::seconds(2);
constexpr auto largeDifference = std::chrono::seconds(30);

} // namespace

Probe probe(const QUrl &url, const std::map<std::string, std::string> &headers, bool anyCertificate)
{
    QNetworkAccessManager network;
    QNetworkRequest request = client::boundedRequest(url, QNetworkRequest::ManualRedirectPolicy);
    request.setTransferTimeout(patience);
    for (const auto &[name, value] : headers)
        request.setRawHeader(QByteArray::fromStdString(name), QByteArray::fromStdString(value));
    const std::unique_ptr<QNetworkReply> reply(network.get(request));
    if (anyCertificate)
        reply->ignoreSslErrors();
    QEventLoop loop;
    QObject::connect(reply.get(), &QNetworkReply::finished, &loop, &QEventLoop::quit, Qt::QueuedConnection);
    QTimer::singleShot(patience, reply.get(), &QNetworkReply::abort);
    loop.exec();
    Probe result;
    result.status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    result.body = reply->read(longestBody);
    result.error = reply->error() == QNetworkReply::OperationCanceledError
                       ? "no answer within 10 s"
                       : reply->errorString().toStdString();
    for (const auto &[name, value] : reply->rawHeaderPairs())
        result.headers[name.toLower().toStdString()] = value.toStdString();
    return result;
}

Check compareClock(const std::string &name, const std::string &other,
                   std::chrono::system_clock::time_point theirs)
{
    const auto ahead = std::chrono::round<std::chrono::seconds>(std::chrono::system_clock::now() - theirs);
    const auto apart = std::chrono::seconds(std::abs(ahead.count()));
    if (apart <= smallDifference)
        return Check::ok(name, "within 2 s of that of " + other);
    return {name, apart >= largeDifference ? Check::Status::Failed : Check::Status::Warning,
            "this machine is " + std::to_string(apart.count()) + " s " +
                (ahead.count() > 0 ? "ahead of " : "behind ") + other +
                ": tokens expire too early or too late, or are refused",
            "Let both keep time (timedatectl set-ntp true, chrony)."};
}

} // namespace mws::cli
