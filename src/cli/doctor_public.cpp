#include "cli/doctor.h"
#include "cli/minting.h"
#include "client/retry_rules.h"
#include "mws/base/random.h"
#include "mws/domain/origin.h"
#include "token/token_codec.h"

#include <QDateTime>
#include <QEventLoop>
#include <QLocale>
#include <QTimeZone>
#include <QTimer>
#include <QWebSocket>

namespace mws::cli {

namespace {

constexpr int handshakePatience = 10000; // ms
const std::string address = "public URL";
const std::string upgrade = "upgrade";
const std::string idle = "proxy idle time";

QUrl at(const QUrl &base, const QString &path)
{
    QUrl url = base;
    QString front = base.path();
    while (front.endsWith(u'/'))
        front.chop(1);
    url.setPath(front + path);
    return url;
}

/// What is wrong with what answers there; nothing if it is a gateway. X-Request-Id is given back by ours, and
/// by hardly anything else.
std::optional<Check> complaintAbout(const QUrl &base, const Probe &answer, const std::string &id)
{
    const std::string place = base.toString().toStdString();
    if (answer.status == 0)
        return Check{
            address, Check::Status::Failed, place + " cannot be reached from here: " + answer.error,
            "Check its DNS name, the proxy and the firewall, and server.public_url (MWS_SERVER_PUBLIC_URL)."};
    if (answer.status >= 502 && answer.status <= 504)
        return Check{address, Check::Status::Failed,
                     place + " answers " + std::to_string(answer.status) +
                         ": the proxy there does not reach the gateway",
                     "Start the gateway, and let the proxy's upstream be server.address and server.port."};
    const auto echo = answer.headers.find("x-request-id");
    const bool isGateway = answer.status == 200 && answer.body.contains("\"status\":\"live\"");
    if (!isGateway)
        return Check{address, Check::Status::Failed,
                     place + " answers " + std::to_string(answer.status) +
                         " to /health/live, not as a gateway does: "
                         "another program is there, or the proxy sends this path elsewhere",
                     "Let the proxy pass every path to the gateway, or mend server.public_url."};
    if (echo == answer.headers.end() || echo->second != id)
        return Check{
            address, Check::Status::Warning,
            place + " answers, but X-Request-Id does not come back: the proxy makes its own, or caches",
            "Let the proxy pass X-Request-Id through, so that its log and the gateway's can be matched."};
    return std::nullopt;
}

std::optional<Check> clockOf(const Probe &answer)
{
    const auto date = answer.headers.find("date");
    if (date == answer.headers.end())
        return std::nullopt;
    QDateTime time = QLocale::c().toDateTime(QString::fromStdString(date->second),
                                             QStringLiteral("ddd, dd MMM yyyy hh:mm:ss 'GMT'"));
    if (!time.isValid())
        return std::nullopt;
    time = QDateTime(time.date(), time.time(), QTimeZone::utc());
    return compareClock(
        "clock against public URL", "the public URL",
        std::chrono::system_clock::time_point(std::chrono::milliseconds(time.toMSecsSinceEpoch())));
}

/// A URI that only a gateway with our signing key accepts; or why there is none.
std::variant<QUrl, std::string> uriOf(const ServiceConfig &config, const QUrl &base)
{
    const auto loaded = signingGateway(config, {}, KeySource::Configuration);
    if (const auto *failure = std::get_if<Failure>(&loaded))
        return failure->text;
    const auto &gateway = std::get<Gateway>(loaded);
    const auto token = signToken(gateway, newReservation(std::chrono::seconds(60)));
    if (!token)
        return std::string(token.error().message());
    QUrl uri = at(base, QString::fromStdString("/v1/gateways/" + gateway.id + "/socket"));
    uri.setScheme(base.scheme() == QLatin1String("https") ? QStringLiteral("wss") : QStringLiteral("ws"));
    uri.setQuery(QString::fromStdString("token=" + *token));
    return uri;
}

Check refusedUpgrade(int status, const std::string &error)
{
    const std::string by = status == 0 ? error : client::statusText(status).toStdString();
    if (status == 401)
        return {upgrade, Check::Status::Failed,
                "the gateway behind the public URL does not know a token of this configuration (401): it is "
                "another gateway, or has another signing key",
                "Mend server.public_url or the proxy's upstream; nodes of one cluster need one Redis. If the "
                "state "
                "folder is another one here, run the doctor as the gateway's user and in its folder."};
    if (status == 403 || status == 429 || status == 503)
        return {upgrade, Check::Status::Warning,
                "the upgrade arrives, and the gateway refuses it for now (" + by +
                    "): a connect event, a limit, or a stop",
                "Look into its log at LOG_LEVEL=debug."};
    return {
        upgrade, Check::Status::Failed,
        "a WebSocket does not open through the public URL (" + by +
            "): the proxy does not pass the upgrade on",
        "nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "
        "upgrade. Others: docs/deploy.md."};
}

/// Waits until `socket` has opened, or not.
bool opens(QWebSocket &socket, const QUrl &uri)
{
    QEventLoop loop;
    QObject::connect(&socket, &QWebSocket::connected, &loop, &QEventLoop::quit, Qt::QueuedConnection);
    QObject::connect(&socket, &QWebSocket::disconnected, &loop, &QEventLoop::quit, Qt::QueuedConnection);
    QTimer::singleShot(handshakePatience, &loop, &QEventLoop::quit);
    socket.open(uri);
    loop.exec();
    return socket.state() == QAbstractSocket::ConnectedState;
}

std::string inSeconds(std::chrono::milliseconds time)
{
    return QString::number(double(time.count()) / 1000, 'f', 1).toStdString() + " s";
}

/// Holds the socket as a client that says nothing. The gateway's pings are all that passes.
Check hold(QWebSocket &socket, const Patient &patient)
{
    const auto interval = patient.config.webSocket.pingInterval;
    if (patient.wait == std::chrono::milliseconds(0))
        return Check::skipped(idle, "no socket was held open, as --wait is 0");
    if (patient.context.terminal.isInteractive())
        patient.context.terminal.note("         holding a socket open for " + inSeconds(patient.wait) + " …");
    QEventLoop loop;
    QObject::connect(&socket, &QWebSocket::disconnected, &loop, &QEventLoop::quit);
    QTimer::singleShot(patient.wait, &loop, &QEventLoop::quit);
    const auto began = std::chrono::steady_clock::now();
    if (socket.state() == QAbstractSocket::ConnectedState)
        loop.exec();
    const auto held =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    if (socket.state() != QAbstractSocket::ConnectedState)
        return {idle, Check::Status::Failed,
                "an idle socket was cut after " + inSeconds(held) +
                    ", before the gateway's ping, which comes within " + inSeconds(interval),
                "Raise the proxy's timeout over " + inSeconds(interval) +
                    " (nginx proxy_read_timeout, haproxy timeout tunnel), or lower "
                    "MWS_WEBSOCKET_PING_INTERVAL below " +
                    inSeconds(held) + "."};
    if (patient.wait < interval)
        return {idle, Check::Status::Warning,
                "an idle socket stayed open for " + inSeconds(held) + ", but the gateway pings only every " +
                    inSeconds(interval),
                "Run it with --wait " + std::to_string(interval.count() / 1000 + 5) + " to be sure."};
    return Check::ok(idle, "an idle socket stayed open for " + inSeconds(held) +
                               ", longer than the ping interval of " + inSeconds(interval));
}

/// The upgrade, and how long an idle socket lives.
std::vector<Check> checkSocket(const Patient &patient, const QUrl &base)
{
    const auto uri = uriOf(patient.config, base);
    if (const auto *why = std::get_if<std::string>(&uri))
        return {Check::skipped(upgrade, "no token can be made to try it with: " + *why),
                Check::skipped(idle, "see upgrade")};
    const QUrl origin = base.adjusted(QUrl::RemovePath);
    const QString originText = origin.toString(QUrl::StripTrailingSlash);
    const bool isAllowed =
        originAllowed(patient.config.gateway.settings.allowedOrigins, originText.toStdString());
    QWebSocket socket(isAllowed ? originText : QString());
    if (!opens(socket, std::get<QUrl>(uri)))
        return {
            refusedUpgrade(client::handshakeStatus(socket.errorString()), socket.errorString().toStdString()),
            Check::skipped(idle, "no socket could be opened")};
    std::vector<Check> checks{
        Check::ok(upgrade, "a WebSocket opens through the public URL, and it is this gateway that opens it"),
        hold(socket, patient)};
    socket.close();
    return checks;
}

} // namespace

std::optional<QUrl> publicUrlOf(const ServiceConfig &config)
{
    const std::string &own = config.gateway.settings.publicUrl;
    const std::string &text = own.empty() ? config.server.publicUrl : own;
    if (!text.empty())
        return QUrl(QString::fromStdString(text));
    if (!config.server.appDomain.empty())
        return QUrl(QStringLiteral("https://") + QString::fromStdString(config.server.appDomain));
    return std::nullopt;
}

std::vector<Check> checkPublicUrl(const Patient &patient)
{
    const auto base = publicUrlOf(patient.config);
    if (!base)
        return {Check::skipped(
            address, "none is set; URIs then name the host that the request named. Behind a proxy set "
                     "server.public_url (MWS_SERVER_PUBLIC_URL)")};
    const std::string id = "doctor-" + randomAlphanumeric(16);
    const Probe answer = probe(at(*base, QStringLiteral("/health/live")), {{"X-Request-Id", id}});
    const auto complaint = complaintAbout(*base, answer, id);
    std::vector<Check> checks{
        complaint ? *complaint : Check::ok(address, base->toString().toStdString() + " reaches a gateway")};
    if (complaint && complaint->status == Check::Status::Failed)
        return checks;
    if (const auto clock = clockOf(answer))
        checks.push_back(*clock);
    for (const Check &check : checkSocket(patient, *base))
        checks.push_back(check);
    return checks;
}

} // namespace mws::cli
