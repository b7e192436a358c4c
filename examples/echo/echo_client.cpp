#include "echo_client.h"

EchoClient::EchoClient(const QUrl &url, const QStringList &texts, const QByteArray &bytes, QObject *parent)
    : QObject(parent), m_texts(texts), m_bytes(bytes)
{
    connect(&m_socket, &QWebSocket::connected, this, &EchoClient::sendAll);
    connect(&m_socket, &QWebSocket::textMessageReceived, this, &EchoClient::takeText);
    connect(&m_socket, &QWebSocket::binaryMessageReceived, this, &EchoClient::takeBytes);
    // Comes as well when the connection could not be made.
    connect(&m_socket, &QWebSocket::disconnected, this, [this] { Q_EMIT finished(m_complete); });
    m_socket.open(url);
}

void EchoClient::sendAll()
{
    for (const QString &text : m_texts)
        m_socket.sendTextMessage(text);
    m_socket.sendBinaryMessage(m_bytes);
}

void EchoClient::takeText(const QString &text)
{
    Q_EMIT textEchoed(text);
    if (m_echoed == m_texts.size() || text != m_texts.at(m_echoed++))
        m_socket.close(QWebSocketProtocol::CloseCodePolicyViolated, QStringLiteral("not what was sent"));
}

void EchoClient::takeBytes(const QByteArray &bytes)
{
    Q_EMIT bytesEchoed(bytes);
    m_complete = bytes == m_bytes && m_echoed == m_texts.size(); // it was sent last
    m_socket.close();
}
