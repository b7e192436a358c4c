#include <QtCore/QCoreApplication>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTextStream>
#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QNetworkReply>
#include <QtWebSockets/QWebSocket>

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    const QString gateway = application.arguments().value(1, QStringLiteral("http://127.0.0.1:8080"));
    QTextStream out(stdout);
    QNetworkAccessManager network;
    QWebSocket socket;

    // 1. Ask for a URI. It opens one socket once: ask again for every attempt.
    const QUrl request(gateway + QStringLiteral("/v1/websocket_uri"));
    QNetworkReply *reply = network.get(QNetworkRequest(request));
    QObject::connect(reply, &QNetworkReply::finished, &socket, [reply, &socket] {
        reply->deleteLater();
        const QJsonObject answer = QJsonDocument::fromJson(reply->readAll()).object();
        // 2. Open it.
        socket.open(QUrl(answer.value(QStringLiteral("uri")).toString()));
    });
    // 3. Receive.
    QObject::connect(&socket, &QWebSocket::connected, &socket, [&out] { out << "connected" << Qt::endl; });
    QObject::connect(&socket, &QWebSocket::textMessageReceived, &socket,
                     [&out](const QString &message) { out << "received: " << message << Qt::endl; });
    QObject::connect(&socket, &QWebSocket::disconnected, &application, &QCoreApplication::quit);
    return application.exec();
}
