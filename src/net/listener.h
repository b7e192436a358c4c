#pragma once

#include "mws/base/result.h"
#include "net/epoll_dispatcher.h"
#include "protocol/deadline_wheel.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <string>
#include <vector>

namespace mws {

class ConnectionServer;

/// `count` non-blocking sockets that listen on the same address, for as many workers (SO_REUSEPORT). `::`
/// takes IPv4 as well. Fails, loudly, if anybody listens there already: SO_REUSEPORT alone would not. Errors:
/// Unavailable with address and reason. The port is in `port` afterwards (0: the kernel chose).
Result<std::vector<int>> openListeners(const std::string &address, uint16_t &port, size_t count);

/// The worker's listening socket. It is a QTcpServer because QHttpServer wants one to take its connections
/// from; FeedSockets enter by pass(). Accepting is done here: many at a time, non-blocking, and without
/// spinning when descriptors run out.
class Listener final : public QTcpServer, public FdHandler, private Deadline
{
    Q_OBJECT
public:
    Listener(ConnectionServer &server, int fd);
    ~Listener() override;

    void start();
    /// Takes no new connection, accepts those that have begun, and then closes.
    void stop();
    bool isStopped() const { return m_fd < 0; }
    /// Gives QHttpServer a connection.
    void pass(QTcpSocket &socket) { addPendingConnection(&socket); }
    void fdEvent(uint32_t events) override;

private:
    enum class Accepted { One, None, NoDescriptors };
    Accepted acceptOne();
    void pause();
    void closeForGood();
    void expired(SteadyTime now) override;

    ConnectionServer &m_server;
    int m_fd;
    bool m_stopping = false;
};

} // namespace mws
