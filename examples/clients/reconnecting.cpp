// Keeps a socket open: reconnecting http://127.0.0.1:8080 [BEARER_TOKEN]
#include <QtCore/QCoreApplication>
#include <QtCore/QElapsedTimer>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QRandomGenerator>
#include <QtCore/QTextStream>
#include <QtCore/QTimer>
#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QNetworkReply>
#include <QtWebSockets/QWebSocket>
#include <algorithm>

class Client : public QObject
{
public:
    Client(const QString &gateway, const QByteArray &token) : m_gateway(gateway), m_token(token) { start(); }

private:
    void start()
    {
        QNetworkRequest request(QUrl(m_gateway + QStringLiteral("/v1/websocket_uri")));
        request.setTransferTimeout(10000);
        if (!m_token.isEmpty())
            request.setRawHeader("Authorization", "Bearer " + m_token);
        QNetworkReply *reply = m_network.get(request);
        connect(reply, &QNetworkReply::finished, this, [this, reply] {
            reply->deleteLater();
            if (reply->error() != QNetworkReply::NoError) {
                m_out << "no URI: " << reply->errorString() << Qt::endl;
                later();
                return;
            }
            const QJsonObject answer = QJsonDocument::fromJson(reply->readAll()).object();
            openSocket(QUrl(answer.value(QStringLiteral("uri")).toString()));
        });
    }
    void openSocket(const QUrl &uri)
    {
        m_socket =
            new QWebSocket(QString(), QWebSocketProtocol::VersionLatest, this); // closeCode() starts anew
        connect(m_socket, &QWebSocket::connected, this, [this] {
            m_open.start();
            m_out << "open" << Qt::endl;
        });
        connect(m_socket, &QWebSocket::textMessageReceived, this,
                [this](const QString &message) { m_out << "received: " << message << Qt::endl; });
        connect(m_socket, &QWebSocket::disconnected, this,
                &Client::ended); // also after an attempt that failed
        m_socket->open(uri);
    }
    void ended()
    {
        m_socket->deleteLater();
        m_out << "closed: " << int(m_socket->closeCode()) << ' ' << m_socket->closeReason() << Qt::endl;
        if (m_open.isValid() && m_open.hasExpired(10000))
            m_attempt = 0;
        m_open.invalidate();
        if (m_socket->closeCode() >=
            4000) // the application's own; 1000 also stands for a lost connection here
            QCoreApplication::quit();
        else
            later();
    }
    void later()
    {
        const int limit = std::min(60000, 1000 << std::min(m_attempt++, 6));
        QTimer::singleShot(limit / 2 + QRandomGenerator::global()->bounded(limit / 2), this, &Client::start);
    }

    QString m_gateway;
    QByteArray m_token;
    QTextStream m_out{stdout};
    QNetworkAccessManager m_network;
    QWebSocket *m_socket = nullptr;
    QElapsedTimer m_open;
    int m_attempt = 0;
};

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    const QStringList arguments = application.arguments();
    const Client client(arguments.value(1, QStringLiteral("http://127.0.0.1:8080")),
                        arguments.value(2).toUtf8());
    return application.exec();
}
