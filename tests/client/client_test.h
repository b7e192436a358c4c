#pragma once

#include "support/deadline.h"
#include "support/gateway_test.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QSignalSpy>
#include <QTimer>
#include <QUrl>
#include <mws/client/mws_client.h>

namespace mws::test {

/// Runs the event loop until `condition` holds, which is looked at after each event and every few
/// milliseconds; false if it does not within `wait`.
template <typename Condition>
bool waitUntil(Condition condition, std::chrono::milliseconds wait = longPatience)
{
    const Deadline deadline(wait);
    QTimer look;
    look.start(std::chrono::milliseconds(5));
    while (!condition() && deadline.left() > 0)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    return condition();
}

/// A port that the system gives to no outgoing connection, so that a server can come back to it.
uint16_t lastingPort();

/// A gateway that echoes, on a port that it keeps over restarts.
GatewayOptions lastingGateway(Environment more = {});

/// A client that comes back within milliseconds, and all that it has said.
struct RecordedClient
{
    RecordedClient();
    explicit RecordedClient(const QUrl &provider);

    /// Waits until the client has been open `times`.
    bool waitForOpen(int times = 1) const;
    bool waitForState(MwsClient::State state) const;
    std::string text(const QSignalSpy &spy, int index, int argument = 0) const
    {
        return index < spy.count() ? spy.at(index).at(argument).toString().toStdString() : "(nothing)";
    }

    MwsClient client;
    QSignalSpy opened{&client, &MwsClient::opened};
    QSignalSpy closed{&client, &MwsClient::closed};
    QSignalSpy texts{&client, &MwsClient::messageReceived};
    QSignalSpy binaries{&client, &MwsClient::binaryMessageReceived};
    QSignalSpy failed{&client, &MwsClient::attemptFailed};
    QSignalSpy errors{&client, &MwsClient::errorOccurred};
    QSignalSpy states{&client, &MwsClient::stateChanged};
};

/// A running gateway, its backend, and clients of the library.
class ClientTest : public GatewayTest
{
protected:
    explicit ClientTest(GatewayOptions options = lastingGateway()) : GatewayTest(std::move(options)) {}

    QUrl at(const char *path) const
    {
        return QUrl(QStringLiteral("http://127.0.0.1:%1/v1/").arg(gateway.port()) +
                    QString::fromLatin1(path));
    }
    QUrl provider() const { return at("websocket_uri"); }
    int openSockets() { return int(JsonView(backend.get("/sockets").body).size("/results")); }
};

} // namespace mws::test
