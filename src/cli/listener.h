#pragma once

#include "cli/gateway_calls.h"
#include "cli/input_lines.h"
#include "mws/client/mws_client.h"

#include <QEventLoop>
#include <QTimer>
#include <memory>
#include <string>
#include <vector>

namespace mws::cli {

/// How a message is printed.
enum class MessageOutput {
    Base64, ///< text with control characters shown as `\n` and `\x1b`; binary as base64
    Hex,    ///< the same, binary as hexadecimal
    Raw,    ///< the bytes as they came; a line feed behind text
};

struct ListenOptions
{
    AccessOptions access;
    std::string target; ///< a URI, or a gateway
    std::vector<std::string> tags;
    MessageOutput output = MessageOutput::Base64;
    int64_t count = 0;    ///< 0: any
    double listenFor = 0; ///< s; 0: any time
    bool send = false;    ///< lines of standard input
    bool quiet = false;   ///< no notes
};

/// Opens a socket and prints what arrives until it is told to stop, or enough has come. Of a gateway it asks
/// for a URI before each attempt (docs/clients.md), and comes back with a back-off when the socket ends; a
/// given URI is opened once. What goes wrong before the first socket is open ends it at once. Thread: the
/// main thread.
class Listener
{
public:
    /// `uri` is given, or else asked for.
    Listener(const ListenOptions &options, Access access, const QUrl &uri, Context &context);

    /// Until it is over; answers an ExitCode.
    int run();

private:
    void connectClient();
    void askForUri(MwsClient::UriAnswer answer);
    void opened();
    void closed(int code, const QString &reason);
    void attemptFailed(const QString &error);
    void received(const QByteArray &data, bool isText);
    void print(const QByteArray &data, bool isText);
    bool sendLine(const QByteArray &line);
    void timeIsUp();
    /// Closes the socket, if there is one, and ends with `code`.
    void end(int code);
    void note(const std::string &text);

    const ListenOptions m_options;
    Context &m_context;
    GatewayCalls m_calls;
    const QUrl m_uri;
    MwsClient m_client;
    QEventLoop m_loop;
    QTimer m_timer;
    std::unique_ptr<InputLines> m_input;
    std::optional<Failure> m_lastFailure; ///< of asking for a URI
    int64_t m_received = 0;
    bool m_wasOpen = false;
    bool m_isEnding = false;
    int m_code = Good;
};

} // namespace mws::cli
