#include "redis/redis_socket.h"

#include <QFile>
#include <QNetworkProxy>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslSocket>

namespace mws {

namespace {

constexpr qint64 readBuffer = 256 * 1024;

Result<QSslConfiguration> tlsConfiguration(const RedisSettings &settings)
{
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setProtocol(QSsl::TlsV1_2OrLater);
    configuration.setPeerVerifyMode(settings.verifyCertificate ? QSslSocket::VerifyPeer
                                                               : QSslSocket::VerifyNone);
    if (settings.caFile.empty())
        return configuration;
    // Read each time, so that a renewed file is taken without a restart.
    QFile file(QString::fromStdString(settings.caFile.string()));
    if (!file.open(QIODevice::ReadOnly))
        return Unexpected(ErrorCode::InvalidData, "redis.ca_file cannot be read");
    const QList<QSslCertificate> authorities = QSslCertificate::fromDevice(&file, QSsl::Pem);
    if (authorities.isEmpty())
        return Unexpected(ErrorCode::InvalidData, "redis.ca_file has no certificate in PEM form");
    configuration.setCaCertificates(authorities);
    return configuration;
}

void connectSignals(QTcpSocket *socket, RedisSocketEvents events)
{
    QObject::connect(socket, &QTcpSocket::readyRead, socket, events.bytes);
    QObject::connect(socket, &QTcpSocket::bytesWritten, socket,
                     [taken = std::move(events.taken)](qint64) { taken(); });
    QObject::connect(socket, &QTcpSocket::errorOccurred, socket,
                     [socket, lost = std::move(events.lost)] { lost(socket->errorString().toStdString()); });
}

} // namespace

void RedisSocketDeleter::operator()(QTcpSocket *socket) const
{
    socket->disconnect();
    socket->abort();
    socket->deleteLater();
}

Result<RedisSocketPointer> connectRedisSocket(const RedisSettings &settings, const RedisNode &node,
                                              RedisSocketEvents events)
{
    RedisSocketPointer socket;
    const QString host = QString::fromStdString(node.host);
    if (settings.tls) {
        const auto configuration = tlsConfiguration(settings);
        if (!configuration)
            return Unexpected(configuration.error());
        auto *secure = new QSslSocket;
        socket.reset(secure);
        secure->setSslConfiguration(*configuration);
        QObject::connect(secure, &QSslSocket::encrypted, secure, events.ready);
    } else {
        socket.reset(new QTcpSocket);
        QObject::connect(socket.get(), &QTcpSocket::connected, socket.get(), events.ready);
    }
    socket->setReadBufferSize(readBuffer);
    socket->setProxy(QNetworkProxy::NoProxy);
    connectSignals(socket.get(), std::move(events));
    QTcpSocket *plain = socket.get();
    QObject::connect(plain, &QTcpSocket::connected, plain,
                     [plain] { plain->setSocketOption(QAbstractSocket::LowDelayOption, 1); });
    if (settings.tls)
        static_cast<QSslSocket *>(plain)->connectToHostEncrypted(host, node.port);
    else
        plain->connectToHost(host, node.port);
    return socket;
}

qint64 waitingBytes(const QTcpSocket &socket)
{
    const auto *secure = qobject_cast<const QSslSocket *>(&socket);
    return socket.bytesToWrite() + (secure ? secure->encryptedBytesToWrite() : 0);
}

} // namespace mws
