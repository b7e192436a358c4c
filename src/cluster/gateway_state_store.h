#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mws {

/// The texts of a SharedGatewayState by their names; see gateway_fields.h.
using GatewayFields = std::map<std::string, std::string>;

/// A change of the fields, made as a whole or not at all.
struct GatewayFieldsWrite
{
    std::string expected; ///< the head on which the change was made; empty: there is none
    bool replace = false; ///< all other fields go
    GatewayFields set;    ///< with the new head
    std::vector<std::string> remove;
};

enum class GatewayFieldsWritten {
    Written,
    Outdated, ///< there is another head; nothing was written
    Refused,  ///< nothing was written
    Unknown,  ///< it was written, or it was not, or it still will be
};

/// Where the nodes of a cluster keep their gateways: Redis, or in tests a fake.
/// Thread: one. Handlers are called once, from the event loop, never from within a call.
class GatewayStateStore
{
public:
    virtual ~GatewayStateStore() = default;

    /// Nothing if the store did not answer; empty if it has no gateways.
    virtual void readHead(std::function<void(std::optional<std::string>)> done) = 0;
    virtual void readAll(std::function<void(std::optional<GatewayFields>)> done) = 0;
    virtual void write(GatewayFieldsWrite write, std::function<void(GatewayFieldsWritten)> done) = 0;
};

} // namespace mws
