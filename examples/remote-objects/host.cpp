// Shares a table of 100,000 rows:
//   SECURITY_TOKEN=… remote_objects_host [--gateway http://127.0.0.1:8080/v1] [--port 8092] [--rows 100000]
//                                        [--ca FILE] [--certificate FILE] [--key FILE]
#include "stock_model.h"
#include "table_host.h"
#include "table_window.h"
#include "tls_options.h"

#include <QtCore/QCommandLineParser>
#include <QtCore/QTextStream>
#include <QtWidgets/QApplication>

int main(int argc, char *argv[])
{
    QApplication application(argc, argv);
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addOption({QStringLiteral("gateway"), QStringLiteral("The gateway's base URL."),
                      QStringLiteral("url"), QStringLiteral("http://127.0.0.1:8080/v1")});
    parser.addOption({QStringLiteral("port"),
                      QStringLiteral("Where replicas ask for a URI; 0: any free port."),
                      QStringLiteral("number"), QStringLiteral("8092")});
    parser.addOption({QStringLiteral("rows"), QStringLiteral("Rows of the table."), QStringLiteral("number"),
                      QStringLiteral("100000")});
    TlsOptions::addTo(parser);
    parser.process(application);

    bool isPort = false;
    bool isCount = false;
    QString error;
    const quint16 wanted = parser.value(QStringLiteral("port")).toUShort(&isPort);
    const int rows = parser.value(QStringLiteral("rows")).toInt(&isCount);
    const QSslConfiguration tls = TlsOptions::read(parser, &error);
    if (!isPort || !isCount || rows < 0)
        error = QStringLiteral("--port and --rows want a number");
    if (!error.isEmpty()) {
        qCritical("%s", qPrintable(error));
        return 2;
    }

    StockModel model(rows);
    TableHost host(model, StockModel::sharedRoles(), QUrl(parser.value(QStringLiteral("gateway"))),
                   qEnvironmentVariable("SECURITY_TOKEN"), tls);
    const quint16 port = host.listen(wanted);
    if (port == 0) {
        qCritical("cannot listen on 127.0.0.1:%d", wanted);
        return 1;
    }
    TableWindow window(QStringLiteral("Host"), QColor(0x17, 0x34, 0x4d));
    window.setModel(&model);
    const auto showReplicas = [&](int replicas) {
        window.setStatus(QStringLiteral("%L1 rows, %2 replica%3")
                             .arg(rows)
                             .arg(replicas)
                             .arg(replicas == 1 ? QString() : QStringLiteral("s")));
    };
    showReplicas(0);
    QObject::connect(&host, &TableHost::replicasChanged, &window, showReplicas);
    window.show();
    const auto sayReady = [port, said = false]() mutable {
        if (!std::exchange(said, true))
            QTextStream(stdout) << "listening on http://127.0.0.1:" << port << Qt::endl;
    };
    QObject::connect(&host, &TableHost::ready, &window, sayReady);
    return application.exec();
}
