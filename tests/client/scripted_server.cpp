#include "client/scripted_server.h"

#include <QTcpSocket>
#include <gtest/gtest.h>

namespace mws::test {

namespace {

/// The whole request, or nothing while it is not complete.
QByteArray wholeRequest(const QByteArray &bytes)
{
    const qsizetype head = bytes.indexOf("\r\n\r\n");
    if (head < 0)
        return {};
    const qsizetype field = bytes.toLower().indexOf("content-length:");
    qsizetype length = 0;
    if (field >= 0 && field < head)
        length = bytes.mid(field + 15, bytes.indexOf('\r', field) - field - 15).trimmed().toLongLong();
    return bytes.size() < head + 4 + length ? QByteArray() : bytes;
}

} // namespace

ScriptedServer::ScriptedServer()
{
    EXPECT_TRUE(m_server.listen(QHostAddress::LocalHost));
    connect(&m_server, &QTcpServer::newConnection, this, [this] {
        QTcpSocket *socket = m_server.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, this, [this, socket] { take(socket); });
        connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
    });
}

QUrl ScriptedServer::url(const char *path) const
{
    return QUrl(QStringLiteral("http://127.0.0.1:%1").arg(m_server.serverPort()) + QString::fromLatin1(path));
}

QByteArray ScriptedServer::http(const char *status, const QByteArray &body, const QByteArray &fields)
{
    return QByteArray("HTTP/1.1 ") + status + "\r\nContent-Length: " + QByteArray::number(body.size()) +
           "\r\nConnection: close\r\n" + fields + "\r\n" + body;
}

int ScriptedServer::openConnections() const
{
    return int(m_server.findChildren<QTcpSocket *>().size());
}

void ScriptedServer::take(QTcpSocket *socket)
{
    const QByteArray request = wholeRequest(socket->peek(1 << 20));
    if (request.isEmpty() || m_answers.isEmpty())
        return;
    socket->readAll();
    m_requests.append(request);
    const Answer answer = m_answers.size() > 1 ? m_answers.takeFirst() : m_answers.first();
    socket->write(answer.bytes);
    if (answer.isEndless) {
        connect(socket, &QTcpSocket::bytesWritten, this, [this, socket] { pour(socket); });
        pour(socket);
    } else if (!answer.bytes.isEmpty()) {
        socket->disconnectFromHost();
    }
}

void ScriptedServer::pour(QTcpSocket *socket)
{
    if (socket->bytesToWrite() < 65536)
        m_endlessBytes += socket->write(QByteArray(65536, ' '));
}

} // namespace mws::test
