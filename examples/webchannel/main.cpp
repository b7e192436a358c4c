// Publishes a thermostat over QWebChannel to each page that comes:
//   SECURITY_TOKEN=… webchannel_host [--gateway http://127.0.0.1:8080/v1] [--port 8091]
// As on the slides: one thermostat for whoever else is connected to a gateway that relays to all:
//   webchannel_host --direct ws://localhost:8080
#include "pair_server.h"

#include <QtCore/QCommandLineParser>
#include <QtCore/QCoreApplication>
#include <QtCore/QTextStream>

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addOption({QStringLiteral("gateway"), QStringLiteral("The gateway's base URL."),
                      QStringLiteral("url"), QStringLiteral("http://127.0.0.1:8080/v1")});
    parser.addOption({QStringLiteral("port"), QStringLiteral("Where the page is served; 0: any free port."),
                      QStringLiteral("number"), QStringLiteral("8091")});
    parser.addOption(
        {QStringLiteral("direct"), QStringLiteral("Publishes at this address only."), QStringLiteral("url")});
    parser.process(application);

    bool isNumber = false;
    const quint16 wanted = parser.value(QStringLiteral("port")).toUShort(&isNumber);
    if (!isNumber) {
        qCritical("--port is not a port: %s", qPrintable(parser.value(QStringLiteral("port"))));
        return 2;
    }
    PairServer server;
    const quint16 port = server.listen(wanted);
    if (port == 0) {
        qCritical("cannot listen on 127.0.0.1:%d", wanted);
        return 1;
    }
    const auto sayReady = [port, said = false]() mutable {
        if (!std::exchange(said, true))
            QTextStream(stdout) << "listening on http://127.0.0.1:" << port << Qt::endl;
    };
    std::unique_ptr<Pair> direct;
    if (parser.isSet(QStringLiteral("direct"))) {
        direct = std::make_unique<Pair>(QUrl(parser.value(QStringLiteral("direct"))));
        QObject::connect(direct.get(), &Pair::opened, direct.get(), sayReady);
    } else {
        QObject::connect(&server, &PairServer::ready, &server, sayReady);
        server.servePairs(QUrl(parser.value(QStringLiteral("gateway"))),
                          qEnvironmentVariable("SECURITY_TOKEN"));
    }
    return application.exec();
}
