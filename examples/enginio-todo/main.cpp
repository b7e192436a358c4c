#include "todo_window.h"

#include <QApplication>
#include <QCommandLineParser>

int main(int argc, char *argv[])
{
    QApplication application(argc, argv);
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("Todos of a data store, kept fresh by the gateway."));
    parser.addHelpOption();
    const QCommandLineOption store(QStringLiteral("store"), QStringLiteral("Address of the data store."),
                                   QStringLiteral("url"), QStringLiteral("http://127.0.0.1:8090"));
    const QCommandLineOption backend(QStringLiteral("backend"), QStringLiteral("Enginio-Backend-Id."),
                                     QStringLiteral("id"), QStringLiteral("532831a2698b3c6ae8091d6d"));
    const QCommandLineOption gateway(QStringLiteral("gateway"), QStringLiteral("Address of the gateway."),
                                     QStringLiteral("url"), QStringLiteral("http://127.0.0.1:8080"));
    parser.addOptions({store, backend, gateway});
    parser.process(application);
    TodoWindow window(QUrl(parser.value(store)), parser.value(backend).toLatin1(),
                      QUrl(parser.value(gateway)));
    window.show();
    return application.exec();
}
