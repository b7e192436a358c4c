#pragma once

#include "cli/failure.h"

#include <QByteArray>
#include <QSslConfiguration>
#include <QUrl>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mws::cli {

/// Which token a command needs, and so which variable it is looked for in.
enum class Credential {
    Security, ///< SECURITY_TOKEN, else OPERATOR_TOKEN, which the gateway takes in its place
    Operator, ///< OPERATOR_TOKEN
};

/// What the options say of where the gateway is.
struct AccessOptions
{
    std::string url;
    std::string gateway;
    std::string token;
    std::string tokenFile;
    std::string caFile;
    double timeout = 10; ///< s
    bool json = false;
};

/// `--url`, `--token`, `--token-file`, `--ca-file`.
void declareAccess(CLI::App &app, AccessOptions &options, Credential credential);
/// `--gateway`
void declareGateway(CLI::App &app, AccessOptions &options);
/// `--timeout`, of a call
void declareTimeout(CLI::App &app, AccessOptions &options);
/// `--json`
void declareJson(CLI::App &app, AccessOptions &options, const std::string &what);
/// An option that takes one value and may be repeated.
CLI::Option *addList(CLI::App &app, const std::string &name, std::vector<std::string> &values,
                     const std::string &meaning);

/// Where the gateway is, and what opens its door.
struct Access
{
    QUrl root;           ///< `http://host:port`, perhaps with a path; no slash at its end
    std::string gateway; ///< empty: the default one
    QByteArray bearer;   ///< empty: none
    std::optional<QSslConfiguration> ssl;
    int timeout = 10000; ///< ms

    /// `/v1/gateways/ID/…`, or `/v1/…` for the default gateway.
    std::string pathOf(std::string_view rest) const;
    QUrl urlOf(std::string_view path) const;
    /// For people: the address, and nothing that is secret.
    std::string place() const { return root.toString(QUrl::RemoveUserInfo).toStdString(); }
};

/// Options, then environment. Reads the token from where it is told to.
std::variant<Access, Failure> resolveAccess(const AccessOptions &options, Credential credential,
                                            Context &context);

/// A file's content, or that of standard input for `-`.
std::variant<std::string, Failure> readInput(const std::string &file, size_t limit, Context &context);

} // namespace mws::cli
