// Shows and edits the table of a host: remote_objects_replica [--host http://127.0.0.1:8092] [--name NAME]
//                                                             [--ca FILE] [--certificate FILE] [--key FILE]
#include "table_replica.h"
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
    parser.addOption({QStringLiteral("host"), QStringLiteral("Address of the host."), QStringLiteral("url"),
                      QStringLiteral("http://127.0.0.1:8092")});
    parser.addOption({QStringLiteral("name"), QStringLiteral("The window's title."), QStringLiteral("text"),
                      QStringLiteral("Replica")});
    TlsOptions::addTo(parser);
    parser.process(application);

    QString error;
    TableReplica replica(QUrl(parser.value(QStringLiteral("host"))), TlsOptions::read(parser, &error));
    if (!error.isEmpty()) {
        qCritical("%s", qPrintable(error));
        return 2;
    }
    TableWindow window(parser.value(QStringLiteral("name")), QColor(0x14, 0x6b, 0x57));
    window.setStatus(QStringLiteral("connecting"));
    QTextStream out(stdout);
    QObject::connect(&replica, &TableReplica::ready, &window, [&] {
        window.setModel(replica.model());
        window.setStatus(QStringLiteral("%L1 rows").arg(replica.model()->rowCount()));
        out << "rows: " << replica.model()->rowCount() << Qt::endl;
    });
    QObject::connect(&replica, &TableReplica::lost, &window, [&](const QString &why) {
        window.setModel(nullptr);
        window.setStatus(QStringLiteral("coming back"));
        out << "lost: " << why << Qt::endl;
    });
    replica.start();
    window.show();
    return application.exec();
}
