#pragma once

#include "mws/base/clock.h"
#include "mws/base/result.h"
#include "mws/domain/identifiers.h"
#include "mws/domain/message.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mws {

/// Message ids that were accepted, so that a repeated POST is delivered once. Decided in one place per node,
/// under a mutex per gateway. Ids and bodies are kept only as digests. Thread: any.
class IdempotencyTable
{
public:
    explicit IdempotencyTable(const Clock &clock, std::chrono::seconds life = std::chrono::minutes(5),
                              size_t perGateway = 100000);
    ~IdempotencyTable();

    /// Enters `id` with a digest of `body` if it is new (answers nothing: go on and deliver), or gives the
    /// outcome of the first time. Two callers at once: one delivers, the other gets its outcome so far.
    /// Errors: InvalidData (property `id`) if the id is known with another body.
    Result<std::optional<PublishOutcome>> enter(const GatewayId &gateway, std::string_view id,
                                                std::string_view body);
    /// Completes the entry with its outcome.
    void complete(const GatewayId &gateway, std::string_view id, const PublishOutcome &outcome);
    void forget(const GatewayId &gateway);
    /// Drops what has outlived `life`; enter() does so for its own gateway, so that this may be called
    /// rarely.
    void expire();
    /// Ids that are known.
    size_t size(const GatewayId &gateway) const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace mws
