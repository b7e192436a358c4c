#include "client/client_test.h"

#include <QRandomGenerator>
#include <QTcpServer>

namespace mws::test {

uint16_t lastingPort()
{
    for (;;) {
        const auto port = uint16_t(QRandomGenerator::global()->bounded(20000, 32000));
        if (QTcpServer().listen(QHostAddress::LocalHost, port))
            return port;
    }
}

GatewayOptions lastingGateway(Environment more)
{
    more.insert({{"SECURITY_TOKEN", securityToken},
                 {"MWS_GATEWAY_CLIENT_MESSAGES", "echo"},
                 {"MWS_SERVER_PORT", std::to_string(lastingPort())}});
    return {.environment = std::move(more)};
}

RecordedClient::RecordedClient()
{
    client.setInitialDelay(1);
    client.setMaxDelay(20);
}

RecordedClient::RecordedClient(const QUrl &provider) : RecordedClient()
{
    client.setProviderUrl(provider);
}

bool RecordedClient::waitForOpen(int times) const
{
    return waitUntil([&] { return opened.count() >= times && client.state() == MwsClient::Open; },
                     longPatience);
}

bool RecordedClient::waitForState(MwsClient::State state) const
{
    return waitUntil([&] { return client.state() == state; }, longPatience);
}

} // namespace mws::test
