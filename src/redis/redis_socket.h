#pragma once

#include "mws/base/result.h"
#include "redis/redis_settings.h"

#include <QTcpSocket>
#include <functional>
#include <memory>

namespace mws {

/// What a connection's owner is told. The socket may be given up from within each.
struct RedisSocketEvents
{
    std::function<void()> ready; ///< connected, and encrypted if that was asked
    std::function<void()> bytes; ///< something can be read
    std::function<void()> taken; ///< something was written
    std::function<void(std::string why)> lost;
};

/// Deletes a socket later, and sees that it calls nobody meanwhile.
struct RedisSocketDeleter
{
    void operator()(QTcpSocket *socket) const;
};
using RedisSocketPointer = std::unique_ptr<QTcpSocket, RedisSocketDeleter>;

/// Begins to connect to `node`. Errors: InvalidData if the CA file cannot be used.
Result<RedisSocketPointer> connectRedisSocket(const RedisSettings &settings, const RedisNode &node,
                                              RedisSocketEvents events);

/// What was given to the socket and not yet taken by the kernel.
qint64 waitingBytes(const QTcpSocket &socket);

} // namespace mws
