#pragma once

#include "api/api.h"
#include "net/direct_lane.h"

namespace mws {

/// POST messages, messages:batch and webhook_receivers/enginio without Qt's HTTP server: the same handlers,
/// called with the request as the Channel has it. What needs an identity provider, or is written in a way
/// that an HTTP server may read differently, is left to the other way. Thread: the worker's.
class MessageLane final : public DirectLane
{
public:
    /// `api` outlives it.
    explicit MessageLane(const Api &api) : m_api(api) {}

    bool answer(const RequestHead &head, std::string_view body, const IpAddress &peer,
                std::string_view connection, std::string &out) override;

private:
    const Api &m_api;
};

} // namespace mws
