#pragma once

#include "net/direct_lane.h"
#include "net/session_handler.h"

#include <functional>
#include <string>
#include <string_view>

namespace mws {

/// Answers every request of the port of its own for metrics and health, without an HTTP server. Thread: that
/// port's.
class OpsLane final : public DirectLane
{
public:
    /// Both are called for each request that asks for it; see ApiServices.
    OpsLane(std::function<std::string_view()> notReady, std::function<std::string()> metricsPage)
        : m_notReady(std::move(notReady)), m_metricsPage(std::move(metricsPage))
    {}

    Verdict take(const RequestHead &head, std::string_view body, const IpAddress &peer,
                 std::string_view connection, const LateAnswerTicket &ticket, std::string &out) override;

private:
    const std::function<std::string_view()> m_notReady;
    const std::function<std::string()> m_metricsPage;
};

/// There are no WebSockets on that port. Thread: as above.
class NoSessions final : public SessionHandler
{
public:
    /// Errors: NotFound, always.
    Result<Admission> admit(const RequestHead &head, const HandshakeRequest &handshake,
                            Channel &channel) override;
    void opened(Channel &) override {}
    void abandoned(Channel &) override {}
    void received(Channel &, PayloadType, std::string_view) override {}
    void ponged(Channel &) override {}
    void halfEmpty(Channel &) override {}
    void sessionDue(Channel &, SteadyTime) override {}
    void closed(Channel &, const CloseInfo &) override {}
};

} // namespace mws
