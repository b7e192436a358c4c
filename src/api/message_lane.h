#pragma once

#include "api/api.h"
#include "net/direct_lane.h"

namespace mws {

/// POST messages, messages:batch and webhook_receivers/enginio without Qt's HTTP server: the same handlers,
/// called with the request as the Channel has it. On a node of a cluster the answer comes later; else at
/// once, and what needs an identity provider is left to the other way. So is what is written in a way that an
/// HTTP server may read differently. Thread: the worker's.
class MessageLane final : public DirectLane
{
public:
    /// `api` outlives it.
    explicit MessageLane(const Api &api) : m_api(api) {}

    Verdict take(const RequestHead &head, std::string_view body, const IpAddress &peer,
                 std::string_view connection, const LateAnswerTicket &ticket, std::string &out) override;

private:
    Verdict answerAtOnce(const ApiRequest &request, std::string_view connection, std::string &out) const;
    Verdict answerLater(const ApiRequest &request, std::string_view connection,
                        const LateAnswerTicket &ticket, std::string &out) const;

    const Api &m_api;
};

} // namespace mws
