#pragma once

#include "cli/gateway_access.h"
#include "config/service_config.h"

#include <QByteArray>
#include <QUrl>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mws::cli {

/// What one look of the doctor found.
struct Check
{
    enum class Status { Ok, Warning, Failed, Skipped };

    std::string name;
    Status status = Status::Ok;
    std::string found; ///< what is, and what follows from it; no secret in it
    std::string fix;   ///< what to do; empty if nothing

    static Check ok(std::string name, std::string found)
    {
        return {std::move(name), Status::Ok, std::move(found), {}};
    }
    static Check skipped(std::string name, std::string why)
    {
        return {std::move(name), Status::Skipped, std::move(why), {}};
    }
};

/// `ok`, `warning`, `failed` or `skipped`
std::string_view nameOf(Check::Status status);

/// What is looked at. Thread: the main thread; some checks wait in the event loop, none for longer than
/// `wait` and 10 s.
struct Patient
{
    const ServiceConfig &config;
    Context &context;
    std::chrono::milliseconds wait; ///< for holding a socket open through the public URL
};

// doctor_local.cpp: this machine
std::vector<Check> checkMachine(const Patient &patient);
// doctor_tokens.cpp: secrets, origins, certificates
std::vector<Check> checkTokens(const Patient &patient);
std::vector<Check> checkTls(const Patient &patient);
// doctor_public.cpp: the way through the public URL
std::vector<Check> checkPublicUrl(const Patient &patient);
// doctor_redis.cpp
std::vector<Check> checkRedis(const Patient &patient);

/// What an address answered to one GET.
struct Probe
{
    int status = 0; ///< 0: no answer
    QByteArray body;
    std::map<std::string, std::string> headers; ///< names in lower case
    std::string error;                          ///< why there is none
};

/// Redirects are not followed; 10 s at most; certificates are not checked where `anyCertificate`.
Probe probe(const QUrl &url, const std::map<std::string, std::string> &headers = {},
            bool anyCertificate = false);

/// Where clients reach the gateway by the configuration, as http or https; nothing if it does not say.
std::optional<QUrl> publicUrlOf(const ServiceConfig &config);

/// `12 s ahead of …`: how far this machine's clock is from another one; empty if by less than 2 s.
Check compareClock(const std::string &name, const std::string &other,
                   std::chrono::system_clock::time_point theirs);

} // namespace mws::cli
