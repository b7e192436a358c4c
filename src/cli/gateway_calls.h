#pragma once

#include "cli/gateway_access.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mws::client {
struct HttpResult;
}

namespace mws::cli {

/// What the gateway answered, or why it did not.
struct Answer
{
    int status = 0;                 ///< 0: there was no answer
    std::string body;               ///< JSON text
    std::string receivers;          ///< the field Mws-Receivers
    std::optional<Failure> failure; ///< nothing: it was done

    QJsonObject json() const;
};

/// Calls to a gateway. Thread: one, with an application object.
class GatewayCalls
{
public:
    explicit GatewayCalls(Access access) : m_access(std::move(access)) {}

    /// Waits for the answer, running the event loop. `path` begins with /v1 and is encoded; see
    /// Access::pathOf().
    Answer call(std::string_view method, std::string_view path, std::string body = {});
    /// The same with the answer later.
    void start(std::string_view method, std::string_view path, std::string body,
               std::function<void(const Answer &)> done);

    const Access &access() const { return m_access; }

private:
    Answer answerOf(const client::HttpResult &result, std::string_view method) const;

    Access m_access;
    QNetworkAccessManager m_network;
    QObject m_calls; ///< parent of those under way: ends before m_network
};

/// What to do where Qt says that the server's certificate is not good enough; empty if `error` is about
/// something else, or nothing on this side helps.
std::string adviceOnCertificate(const QString &error);

/// A value for a path or a query.
std::string percentEncoded(std::string_view text);

/// `?a=1&b=2` of those that are not empty.
std::string queryOf(const std::vector<std::pair<std::string, std::string>> &values);

/// Lines in columns; the first row is the head.
std::string table(const std::vector<std::vector<std::string>> &rows, const Terminal &terminal);

/// The texts of a JSON array.
std::string joined(const QJsonArray &texts);

} // namespace mws::cli
