#pragma once

#include "cluster/numbered_publisher.h"

#include <QUrl>
#include <memory>
#include <mws/client/mws_client.h>
#include <optional>
#include <string>
#include <vector>

namespace mws::test {

using Publishers = std::vector<std::unique_ptr<NumberedPublisher>>;
using Numbers = std::vector<int>; ///< one for each publisher

Numbers begunBy(const Publishers &publishers);
Numbers acceptedBy(const Publishers &publishers);

/// One life of a socket: from its 101 to its Close.
struct SocketPeriod
{
    Numbers begunBefore;    ///< what comes after these was posted while it was open
    Numbers first;          ///< number that came first; 0: none
    Numbers last;           ///< number that came last; 0: none
    Numbers acceptedBefore; ///< accepted when the client saw the Close
    SteadyMoment lastMessage{};
    SteadyMoment firstMessage{};
    std::optional<int> closeCode = {}; ///< none: still open
};

/// From a client's old socket to its new one.
struct SocketMove
{
    std::chrono::milliseconds silence{
        0};         ///< from the last message on the old one to the first on the new one
    int missed = 0; ///< messages in between that came on neither
    int twice = 0;  ///< messages that came on both
};

/// A client of the library that writes down what it gets, and what was wrong with it. Thread: the one with
/// the event loop.
class RecordingClient
{
public:
    /// `provider`: the address to POST /v1/sockets at.
    RecordingClient(const Publishers &publishers, const QUrl &provider, const QString &bearer,
                    const QString &tag);

    MwsClient client;
    /// Messages that are not the next of their publisher, or of none.
    const std::vector<std::string> &errors() const { return m_errors; }
    const std::vector<SocketPeriod> &periods() const { return m_periods; }
    /// The last number of each publisher on the socket that is open.
    bool hasReached(const Numbers &numbers) const;
    std::vector<SocketMove> moves() const;

private:
    void opened();
    void received(const QString &text);

    const Publishers &m_publishers;
    std::vector<SocketPeriod> m_periods;
    std::vector<std::string> m_errors;
};

} // namespace mws::test
