#include "ticker_server.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QSocketNotifier>
#include <QTextStream>
#include <csignal>
#include <sys/signalfd.h>

namespace {

/// Ends the application's loop at SIGTERM or SIGINT.
void quitOnSignals(QCoreApplication &application)
{
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    sigprocmask(SIG_BLOCK, &ending, nullptr);
    const int descriptor = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
    auto *notifier = new QSocketNotifier(descriptor, QSocketNotifier::Read, &application);
    QObject::connect(notifier, &QSocketNotifier::activated, &application, [] { QCoreApplication::quit(); });
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    quitOnSignals(application);
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Pushes prices through the gateway. The environment has its SECURITY_TOKEN."));
    parser.addHelpOption();
    const auto option = [&parser](const char *name, const char *about, const char *preset) {
        const QCommandLineOption made(QString::fromLatin1(name), QString::fromLatin1(about),
                                      QStringLiteral("value"), QString::fromLatin1(preset));
        parser.addOption(made);
        return made;
    };
    const auto gateway = option("gateway", "The gateway's base URL.", "http://127.0.0.1:8080/v1");
    const auto port = option("port", "Port of the HTTP API; 0: any.", "8090");
    const auto interval = option("interval", "Milliseconds between two prices of a symbol.", "500");
    const auto seed = option("seed", "The same seed, the same prices.", "2014");
    parser.process(application);

    const int pause = parser.value(interval).toInt();
    if (pause < 1) {
        qCritical("--interval: must be at least 1, not '%s'", qPrintable(parser.value(interval)));
        return 2;
    }
    TickerServer server(QUrl(parser.value(gateway)), qEnvironmentVariable("SECURITY_TOKEN"),
                        parser.value(seed).toULongLong(), pause);
    const quint16 listening = server.listen(parser.value(port).toUShort());
    if (listening == 0) {
        qCritical("cannot listen on port %s", qPrintable(parser.value(port)));
        return 1;
    }
    QTextStream(stdout) << "listening on http://127.0.0.1:" << listening << Qt::endl;
    return application.exec();
}
