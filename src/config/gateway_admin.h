#pragma once

#include "mws/base/result.h"
#include "mws/domain/gateway.h"

#include <functional>
#include <memory>
#include <string>

namespace mws {

/// Changes gateways while the service runs. Changes are decided on the main thread, stored, and in force on
/// all workers before they are answered. Thread: any worker's. Callbacks come on the thread that asked,
/// exactly once.
class GatewayAdmin
{
public:
    virtual ~GatewayAdmin() = default;

    /// The gateways as this thread sees them now. Cheap.
    virtual std::shared_ptr<const GatewayTable> table() const = 0;

    /// The whole configuration of a gateway as compact JSON, keys as in CONTRACT.md, secrets left out.
    virtual std::string configurationJson(const Gateway &gateway) const = 0;

    /// PUT configuration. `json` is the request's body.
    /// Errors: InvalidData with the property; NotFound; Unavailable where the state folder cannot be written.
    virtual void configure(const GatewayId &id, std::string json,
                           std::function<void(Result<std::shared_ptr<const Gateway>>)> answer) = 0;

    struct Created
    {
        std::shared_ptr<const Gateway> gateway;
        std::string securityToken; ///< shown this once
    };
    /// POST /v1/gateways. Errors: as configure(); Conflict if the id is taken.
    virtual void create(std::string json, std::function<void(Result<Created>)> answer) = 0;

    /// DELETE /v1/gateways/{id}. The caller closes its sockets afterwards. Errors: NotFound; AccessDenied for
    /// one that comes from the file or environment (it would be back at the next start); Unavailable.
    virtual void remove(const GatewayId &id,
                        std::function<void(Result<std::shared_ptr<const Gateway>>)> answer) = 0;

    struct Rotated
    {
        std::string securityToken; ///< shown this once
        WallTime previousValidUntil;
    };
    /// POST /v1/gateways/{id}/security_token.
    virtual void rotateSecurityToken(const GatewayId &id, std::function<void(Result<Rotated>)> answer) = 0;
};

} // namespace mws
