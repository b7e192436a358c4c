#include "cli/doctor.h"
#include "config/gateway_state.h"
#include "state/state_lock.h"

#include <QFile>
#include <QHostAddress>
#include <QTcpServer>
#include <QTemporaryFile>
#include <algorithm>
#include <filesystem>
#include <limits>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

namespace mws::cli {

namespace {

constexpr int64_t littleSpace = 100 << 20;
constexpr int64_t noSpace = 5 << 20;
constexpr int64_t fewDescriptors = 4096;
constexpr int64_t otherDescriptors = 200; ///< that the gateway needs beside its sockets
constexpr int usualBacklog = 1024;

std::string megabytes(int64_t bytes)
{
    return std::to_string(bytes >> 20) + " MiB";
}

/// Where this machine reaches the gateway's own port.
QUrl localUrl(const ServiceConfig &config)
{
    QUrl url;
    url.setScheme(config.tls.isOn() ? QStringLiteral("https") : QStringLiteral("http"));
    const QHostAddress address(QString::fromStdString(config.server.address));
    const bool isAny = address == QHostAddress(QHostAddress::Any) ||
                       address == QHostAddress(QHostAddress::AnyIPv4) ||
                       address == QHostAddress(QHostAddress::AnyIPv6);
    url.setHost(isAny ? QStringLiteral("127.0.0.1") : address.toString());
    url.setPort(config.server.port);
    return url;
}

/// What is at the port, and whether it is a gateway.
struct PortCheck
{
    Check check;
    bool isGateway = false;
};

PortCheck checkTakenPort(const ServiceConfig &config, const std::string &place, const std::string &error)
{
    const Probe answer = probe(localUrl(config), {}, true);
    if (answer.status == 200 && answer.body.contains("\"name\":\"MWS\""))
        return {Check::ok("port", "a gateway answers at " + place + ": it runs already"), true};
    return {{"port", Check::Status::Failed,
             place + " cannot be listened on: " + error +
                 (answer.status != 0 ? "; another program answers there" : ""),
             "Stop what has it (ss -ltnp shows who), or set another PORT (server.port, server.address)."}};
}

PortCheck checkPort(const ServiceConfig &config)
{
    const QString address = QString::fromStdString(config.server.address);
    const std::string place = config.server.address + ", port " + std::to_string(config.server.port);
    if (config.server.port == 0)
        return {Check::ok("port", "the system picks one at the start, as server.port is 0")};
    QTcpServer server;
    if (server.listen(QHostAddress(address), config.server.port))
        return {Check::ok("port", place + " is free")};
    const std::string error = server.errorString().toStdString();
    if (server.serverError() == QAbstractSocket::SocketAccessError)
        return {
            {"port", Check::Status::Failed, place + " may not be listened on by this user: " + error,
             "Take a port from 1024 on and let a proxy have 443, or give the program CAP_NET_BIND_SERVICE."}};
    if (server.serverError() == QAbstractSocket::SocketAddressNotAvailableError)
        return {{"port", Check::Status::Failed, config.server.address + " is no address of this machine",
                 "Set server.address to one of ip addr, or to 0.0.0.0 or ::."}};
    return checkTakenPort(config, place, error);
}

/// The folder, or the one above it that is there.
std::filesystem::path nearest(std::filesystem::path path)
{
    std::error_code ignored;
    path = std::filesystem::absolute(path, ignored);
    while (!std::filesystem::exists(path, ignored) && path.has_parent_path() && path != path.parent_path())
        path = path.parent_path();
    return path;
}

Check checkStateFolder(const ServiceConfig &config)
{
    const std::filesystem::path folder = nearest(config.server.stateDir);
    const std::string name = config.server.stateDir.string();
    QTemporaryFile file(QString::fromStdString((folder / "doctor-XXXXXX").string()));
    if (!file.open())
        return {"state folder", Check::Status::Failed,
                name + " cannot be written: " + file.errorString().toStdString() +
                    "; changes by PUT answer 503, and URIs die with a restart",
                "chown it to the gateway's user, or set MWS_SERVER_STATE_DIR to a folder of its own."};
    if (folder != std::filesystem::absolute(config.server.stateDir))
        return Check::ok("state folder", name + " is not there yet, and can be made");
    if (const auto stored = readGatewayState(config.server.stateDir); !stored)
        return {"state folder", Check::Status::Failed, stored.error().detail,
                "Restore the file from a backup, or mend what the line names."};
    return Check::ok("state folder", name + " can be written, and what is stored can be read");
}

/// A gateway that holds the folder is well where it is the one at the configured port, or where that port is
/// not known; else this configuration's gateway could not start.
Check checkHeldState(const ServiceConfig &config, const std::string &process, bool gatewayAnswers)
{
    const std::string who = process.empty() ? "a process that does not say which" : "process " + process;
    const std::string name = config.server.stateDir.string();
    if (gatewayAnswers || config.server.port == 0)
        return Check::ok("state lock", who + " has " + name + ": the gateway runs on it");
    return {"state lock", Check::Status::Failed,
            who + " has " + name + ", but no gateway answers at port " + std::to_string(config.server.port) +
                ": another gateway runs on this folder, and one started now is refused",
            "Set MWS_SERVER_STATE_DIR (server.state_dir) to a folder of its own for each gateway, or end " +
                (process.empty() ? "the other one." : who + '.')};
}

Check checkStateLock(const ServiceConfig &config, bool gatewayAnswers)
{
    const std::string name = config.server.stateDir.string();
    std::error_code ignored;
    if (!std::filesystem::exists(config.server.stateDir, ignored) && !gatewayAnswers)
        return Check::skipped("state lock", name + " is not there yet");
    const Result<StateUse> use = StateLock::look(config.server.stateDir);
    if (!use)
        return {"state lock", Check::Status::Warning,
                std::string(use.error().message()) + ": whether a gateway runs on it cannot be told",
                "Run doctor as the gateway's user, or chown the folder to it."};
    if (use->isHeld)
        return checkHeldState(config, use->process, gatewayAnswers);
    if (!gatewayAnswers)
        return Check::ok("state lock", "no gateway runs on " + name);
    return {
        "state lock", Check::Status::Warning,
        "the gateway that answers does not hold " + name +
            ": it runs on another folder, or could not write this one when it started; backup and "
            "mint-token then work on what is not its state",
        "Run doctor with the gateway's own configuration, environment and working folder; if it had them, "
        "make the folder writable and restart the gateway."};
}

Check checkSpace(const ServiceConfig &config)
{
    const std::filesystem::path place = nearest(config.server.stateDir);
    std::error_code unknown;
    // Not QStorageInfo, which knows only what /proc/mounts names: in a chroot, nothing.
    const std::filesystem::space_info space = std::filesystem::space(place, unknown);
    if (unknown)
        return {"free space", Check::Status::Warning,
                "the free space at " + place.string() + " cannot be told: " + unknown.message(),
                "Run doctor as the gateway's user."};
    const auto left = int64_t(std::min<uintmax_t>(space.available, std::numeric_limits<int64_t>::max()));
    if (left >= littleSpace)
        return Check::ok("free space", megabytes(left) + " for the state folder");
    return {"free space", left < noSpace ? Check::Status::Failed : Check::Status::Warning,
            "only " + megabytes(left) + " are left for the state folder; on a full disk nothing is kept",
            "Make room on the file system of " + place.string() + ", or move the state folder."};
}

/// Most sockets that the configuration lets in; 0: any number.
int64_t wantedSockets(const ServiceConfig &config)
{
    int64_t sum = int64_t(config.gateway.settings.limits.sockets);
    bool isBounded = sum > 0;
    for (const GatewayConfig &gateway : config.gateways) {
        sum += int64_t(gateway.settings.limits.sockets);
        isBounded = isBounded && gateway.settings.limits.sockets > 0;
    }
    return isBounded ? sum : 0;
}

Check checkDescriptors(const ServiceConfig &config)
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const int64_t most = limit.rlim_cur == RLIM_INFINITY ? int64_t(1) << 40 : int64_t(limit.rlim_cur);
    const int64_t sockets = std::max<int64_t>(0, most - otherDescriptors);
    const int64_t wanted = wantedSockets(config);
    const std::string found = std::to_string(most) + " descriptors are allowed, so about " +
                              std::to_string(sockets) + " open sockets";
    const std::string fix =
        "LimitNOFILE=" + std::to_string(std::max<int64_t>(65536, wanted + otherDescriptors)) +
        " in the systemd unit, ulimit -n before the start, or --ulimit nofile=… for a container.";
    if (wanted > sockets)
        return {"descriptors", Check::Status::Failed,
                found + ", but limits.sockets allows " + std::to_string(wanted), fix};
    if (most < fewDescriptors)
        return {"descriptors", Check::Status::Warning, found + "; who comes then has to wait", fix};
    return Check::ok("descriptors", found);
}

Check checkBacklog()
{
    QFile file(QStringLiteral("/proc/sys/net/core/somaxconn"));
    if (!file.open(QIODevice::ReadOnly))
        return Check::skipped("somaxconn", "this system does not say how many connections may wait");
    const int most = file.readAll().trimmed().toInt();
    if (most >= usualBacklog)
        return Check::ok("somaxconn", std::to_string(most) + " connections may wait to be accepted");
    return {"somaxconn", Check::Status::Warning,
            "only " + std::to_string(most) +
                " connections may wait to be accepted; when all clients come back "
                "at once, some are refused",
            "sysctl -w net.core.somaxconn=4096"};
}

} // namespace

std::vector<Check> checkMachine(const Patient &patient)
{
    const PortCheck port = checkPort(patient.config);
    return {port.check,
            checkStateFolder(patient.config),
            checkStateLock(patient.config, port.isGateway),
            checkSpace(patient.config),
            checkDescriptors(patient.config),
            checkBacklog()};
}

} // namespace mws::cli
