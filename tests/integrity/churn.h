#pragma once

#include "plan.h"
#include "support/gateway_api.h"
#include "support/socket_swarm.h"

#include <atomic>
#include <deque>
#include <map>

namespace mws::test {

/// Other sockets that come and go, with tags that messages use and that change, while a plan runs. They may
/// get any part of what is sent to their tags and to all, but nothing twice and nothing out of order. Thread:
/// its own, in run().
class Churn
{
public:
    /// `steady`: sockets whose other tags change, too.
    Churn(const Endpoint &endpoint, const std::string &bearer, std::vector<std::string> steady);

    void run(const std::atomic<bool> &done);

    size_t opened = 0;
    size_t changed = 0;
    size_t ended = 0;
    size_t received = 0;

private:
    void open();
    void changeTags();
    void endOldest();
    void patch(const std::string &id, const std::string &body);
    void take(size_t socket, std::string_view payload);

    GatewayApi m_backend;
    std::vector<std::string> m_steady;
    SocketSwarm m_swarm;
    std::deque<std::pair<size_t, std::string>> m_live; ///< number in the swarm, and id
    std::map<std::pair<size_t, size_t>, uint32_t>
        m_next; ///< by socket and publisher: no lower number may come
    size_t m_turn = 0;
};

} // namespace mws::test
