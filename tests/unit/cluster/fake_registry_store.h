#pragma once

#include "cluster/registry_row.h"
#include "cluster/registry_store.h"
#include "fake_link.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mws::test {

/// What all nodes of a simulated cluster write and read, with a copy that a replica has of it, and a clock of
/// its own. The rules are those of redis_registry_scripts.cpp.
class FakeRegistryServer
{
public:
    struct State
    {
        uint64_t sequence = 0;
        size_t held = 0;
    };
    struct Gateway
    {
        std::map<NodeId, int64_t> leases; ///< end in microseconds
        std::map<NodeId, State> states;
        std::map<NodeId, std::map<SocketId, RegistryRow>> rows;
        std::map<NodeId, std::set<SocketId>> contested;
        RegistryStamp last = 0;
    };

    RegistryWritten write(const RegistryWrite &write)
    {
        Gateway &gateway = gateways[write.gateway];
        const auto state = gateway.states.find(write.node);
        const bool known = state != gateway.states.end();
        if (known && state->second.sequence >= write.sequence)
            return {};
        auto &rows = gateway.rows[write.node];
        if (write.after == 0) {
            drop(gateway, write.node);
        } else if (!known || state->second.sequence < write.after || !isLive(gateway, write.node) ||
                   rows.size() != state->second.held) {
            drop(gateway, write.node);
            gateway.states.erase(write.node);
            return {RegistryWritten::Outcome::Lost, 0, {}, {}, {}, {}};
        }
        RegistryWritten written{
            RegistryWritten::Outcome::Done, std::max(uint64_t(micros), gateway.last + 1), {}, {}, {}, {}};
        for (const RegistryRow &row : write.rows)
            put(gateway, write.node, row, written);
        for (const SocketId &id : write.removed) {
            rows.erase(id);
            gateway.contested[write.node].erase(id);
        }
        if (!write.rows.empty())
            gateway.last = written.stamp;
        gateway.states[write.node] = {write.sequence, rows.size()};
        gateway.leases[write.node] = micros + lease.count();
        written.contested.assign(gateway.contested[write.node].begin(), gateway.contested[write.node].end());
        return written;
    }
    bool release(const GatewayId &id, const NodeId &node, uint64_t sequence)
    {
        Gateway &gateway = gateways[id];
        if (gateway.states.contains(node) && gateway.states[node].sequence >= sequence)
            return true;
        drop(gateway, node);
        gateway.states[node] = {sequence, 0};
        gateway.leases[node] = micros;
        return true;
    }
    RegistrySlice list(const RegistryQuery &query)
    {
        RegistrySlice slice;
        std::map<SocketId, RegistryRow> found;
        const Gateway &gateway = gateways[query.gateway];
        for (const NodeId &node : nodes(query.gateway, query.self)) {
            const auto rows = gateway.rows.find(node);
            if (rows == gateway.rows.end())
                continue;
            for (const auto &[id, row] : rows->second) {
                RegistryRow &place = found[id];
                if (place.stamp < row.stamp)
                    place = row;
            }
        }
        for (const auto &[id, row] : found) {
            if (id.view() <= query.after)
                continue;
            if (slice.rows.size() == rowsOfSlice) {
                slice.upTo = slice.rows.back().id;
                break;
            }
            slice.rows.push_back(row);
        }
        return slice;
    }
    std::vector<NodeId> find(const GatewayId &id, const NodeId &self, const SocketId &socket)
    {
        std::vector<std::pair<RegistryStamp, NodeId>> found;
        for (const NodeId &node : nodes(id, self)) {
            const auto &rows = gateways[id].rows[node];
            if (const auto row = rows.find(socket); row != rows.end())
                found.emplace_back(row->second.stamp, node);
        }
        std::sort(found.rbegin(), found.rend());
        std::vector<NodeId> names;
        for (auto &[stamp, node] : found)
            names.push_back(node);
        return names;
    }
    std::vector<NodeId> nodes(const GatewayId &id, const NodeId &self)
    {
        std::vector<NodeId> live;
        for (const auto &[node, ends] : gateways[id].leases)
            if (node != self && isLive(gateways[id], node))
                live.push_back(node);
        return live;
    }

    void replicate() { m_replica = gateways; }
    void failOver() { gateways = m_replica; }
    void forget()
    {
        gateways.clear();
        replicate();
    }
    void advance(std::chrono::microseconds by) { micros += by.count(); }

    std::map<GatewayId, Gateway> gateways;
    int64_t micros = 1'700'000'000'000'000;
    std::chrono::microseconds lease{std::chrono::seconds(15)};
    size_t rowsOfSlice = 3;

private:
    bool isLive(const Gateway &gateway, const NodeId &node) const
    {
        const auto ends = gateway.leases.find(node);
        return ends != gateway.leases.end() && ends->second > micros &&
               ends->second <= micros + 2 * lease.count();
    }
    static void drop(Gateway &gateway, const NodeId &node)
    {
        gateway.rows[node].clear();
        gateway.contested[node].clear();
    }
    void put(Gateway &gateway, const NodeId &node, RegistryRow row, RegistryWritten &written)
    {
        auto &rows = gateway.rows[node];
        const auto old = rows.find(row.id);
        if (row.stamp == 0) {
            row.stamp = written.stamp;
            if (old != rows.end() &&
                old->second.body.substr(0, registryRowLife) == row.body.substr(0, registryRowLife)) {
                row.stamp = old->second.stamp;
                written.earlier.emplace_back(row.id, row.stamp);
            }
        }
        rows[row.id] = row;
        gateway.contested[node].erase(row.id);
        for (auto &[other, theirs] : gateway.rows) {
            const auto rival = theirs.find(row.id);
            if (other == node || !isLive(gateway, other) || rival == theirs.end())
                continue;
            const bool newer = std::pair(rival->second.stamp, std::string_view(other)) >
                               std::pair(row.stamp, std::string_view(node));
            if (!newer)
                gateway.contested[other].insert(row.id);
            written.rivals.push_back({row.id, other, newer});
        }
    }

    std::map<GatewayId, Gateway> m_replica;
};

/// One node's way to the server. Commands and answers wait until they are let through, each in its order; the
/// link can break at any point.
class FakeRegistryStore final : public RegistryStore
{
public:
    explicit FakeRegistryStore(FakeRegistryServer &server) : m_server(server) {}

    bool isUp() const override { return m_link.isUp(); }
    void write(RegistryWrite write, std::function<void(RegistryWritten)> done) override
    {
        ++writes;
        lastWrite = write;
        if (std::exchange(refuseNext, false))
            return m_link.refuse(std::move(done), RegistryWritten());
        ask<RegistryWritten>([&server = m_server, write = std::move(write)] { return server.write(write); },
                             std::move(done), {});
    }
    void release(const GatewayId &gateway, const NodeId &node, uint64_t sequence,
                 std::function<void(bool)> done) override
    {
        ask<bool>(
            [&server = m_server, gateway, node, sequence] { return server.release(gateway, node, sequence); },
            std::move(done), false);
    }
    void list(RegistryQuery query, std::function<void(std::optional<RegistrySlice>)> done) override
    {
        ask<std::optional<RegistrySlice>>(
            [&server = m_server, query = std::move(query)] { return server.list(query); }, std::move(done),
            std::nullopt);
    }
    void find(const GatewayId &gateway, const NodeId &self, const SocketId &id,
              std::function<void(std::optional<std::vector<NodeId>>)> done) override
    {
        ask<std::optional<std::vector<NodeId>>>(
            [&server = m_server, gateway, self, id] { return server.find(gateway, self, id); },
            std::move(done), std::nullopt);
    }
    void nodes(const GatewayId &gateway, const NodeId &self,
               std::function<void(std::optional<std::vector<NodeId>>)> done) override
    {
        ask<std::optional<std::vector<NodeId>>>(
            [&server = m_server, gateway, self] { return server.nodes(gateway, self); }, std::move(done),
            std::nullopt);
    }

    /// The server does the next command.
    void perform() { m_link.perform(); }
    /// The node gets the next answer.
    void answer() { m_link.answer(); }
    /// Ends the link; the caller tells the registry. What the server had not done yet it may still do.
    FakeLink::Commands breakLink()
    {
        const auto underWay = m_link.breakOff();
        FakeLink::lose(underWay.answers);
        FakeLink::lose(underWay.commands);
        return underWay.commands;
    }
    void mendLink() { m_link.mend(); }
    bool busy() const { return m_link.busy(); }
    size_t commands() const { return m_link.commands(); }
    /// Does everything that is to be done.
    void settle()
    {
        while (busy()) {
            perform();
            answer();
        }
    }

    size_t writes = 0;
    RegistryWrite lastWrite;
    bool refuseNext = false; ///< the next write, with an error

private:
    template <typename Value, typename Perform>
    void ask(Perform perform, std::function<void(Value)> done, Value lost)
    {
        m_link.send<Value>(std::move(perform), std::move(done), lost, lost);
    }

    FakeRegistryServer &m_server;
    FakeLink m_link;
};

} // namespace mws::test
