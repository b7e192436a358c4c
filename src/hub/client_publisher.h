#pragma once

#include "limit/ip_address.h"
#include "mws/domain/gateway.h"
#include "mws/domain/message.h"
#include "mws/domain/permissions.h"

#include <functional>
#include <string>
#include <string_view>

namespace mws {

/// Who sends, under the policy `publish`; as of the handshake.
struct ClientSender
{
    Identity identity;    ///< without a user: nobody's
    bool granted = false; ///< the reservation says `publish`
    IpAddress address;
};

/// Publishes what clients send as message objects.
/// Thread: the worker's.
class ClientPublisher
{
public:
    /// `tell` gets what the client is to be told, as JSON, at once or later; it is not called if the message
    /// was published. `payload` lives as long as the call.
    virtual void publish(const Gateway &gateway, const ClientSender &sender, PayloadType type,
                         std::string_view payload, std::function<void(std::string)> tell) = 0;

protected:
    ~ClientPublisher() = default;
};

} // namespace mws
