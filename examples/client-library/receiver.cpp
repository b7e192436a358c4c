#include <QtCore/QCoreApplication>
#include <QtCore/QTextStream>
#include <mws/client/mws_client.h>

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    const QString gateway = application.arguments().value(1, QStringLiteral("http://127.0.0.1:8080"));
    QTextStream out(stdout);

    MwsClient client;
    client.setProviderUrl(QUrl(gateway + QStringLiteral("/v1/websocket_uri"))); // or your backend's own
    QObject::connect(&client, &MwsClient::opened, &client, [&] { out << "open" << Qt::endl; });
    QObject::connect(&client, &MwsClient::messageReceived, &client,
                     [&](const QString &message) { out << "received: " << message << Qt::endl; });
    // Lost, or not there yet: it comes back by itself.
    QObject::connect(&client, &MwsClient::closed, &client, [&](int code, const QString &reason) {
        out << "closed: " << code << ' ' << reason << Qt::endl;
    });
    QObject::connect(&client, &MwsClient::attemptFailed, &client, [&](const QString &error, int reconnectIn) {
        out << error << "; again in " << reconnectIn << " ms" << Qt::endl;
    });
    // Refused: it does not.
    QObject::connect(&client, &MwsClient::errorOccurred, &client, [&](const QString &error) {
        out << "given up: " << error << Qt::endl;
        QCoreApplication::exit(1);
    });
    client.open();
    return application.exec();
}
