#pragma once

#include <QByteArray>
#include <QCoreApplication>
#include <QEventLoop>
#include <QHostAddress>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTimer>
#include <functional>
#include <string>
#include <vector>

namespace mws::test {

/// Runs the event loop until `condition` holds; false if it does not within ten seconds.
inline bool waitFor(const std::function<bool()> &condition)
{
    bool late = false;
    QTimer guard;
    guard.setSingleShot(true);
    QObject::connect(&guard, &QTimer::timeout, &guard, [&late] { late = true; });
    guard.start(10000);
    while (!condition() && !late)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    return condition();
}

/// A server on 127.0.0.1 that answers each request as the test says, in the test's own event loop.
class FakeEnginio
{
public:
    using Behaviour = std::function<void(QTcpSocket &)>;

    explicit FakeEnginio(Behaviour behaviour) : m_behaviour(std::move(behaviour))
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] { take(); });
    }

    /// A whole answer, after which the connection may go on.
    static Behaviour answer(QByteArray status, QByteArray body, QByteArray fields = {})
    {
        return [=](QTcpSocket &socket) {
            socket.write("HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\n" + fields +
                         "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body);
        };
    }

    std::string uri() const { return "http://127.0.0.1:" + std::to_string(m_server.serverPort()); }
    /// The heads of the requests so far.
    const std::vector<QByteArray> &requests() const { return m_requests; }
    const std::vector<QTcpSocket *> &sockets() const { return m_sockets; }
    void behave(Behaviour behaviour) { m_behaviour = std::move(behaviour); }

private:
    void take()
    {
        QTcpSocket *socket = m_server.nextPendingConnection();
        m_sockets.push_back(socket);
        QObject::connect(socket, &QTcpSocket::readyRead, socket,
                         [this, socket, head = QByteArray()]() mutable {
                             head += socket->readAll();
                             if (!head.endsWith("\r\n\r\n"))
                                 return;
                             m_requests.push_back(std::exchange(head, {}));
                             m_behaviour(*socket);
                         });
    }

    QTcpServer m_server;
    Behaviour m_behaviour;
    std::vector<QByteArray> m_requests;
    std::vector<QTcpSocket *> m_sockets; ///< children of the server
};

} // namespace mws::test
