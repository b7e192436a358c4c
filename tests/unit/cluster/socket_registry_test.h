#pragma once

#include "cluster/socket_registry.h"
#include "fake_registry_store.h"
#include "support/fake_clock.h"

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mws::test {

inline SocketId idOf(char letter)
{
    return *SocketId::parse(std::string(SocketId::length, letter));
}

/// A node with its registry.
struct RegistryNode final : SocketRegistryListener
{
    RegistryNode(FakeRegistryServer &server, const Clock &clock, NodeId name,
                 SocketRegistryOptions options = {})
        : store(server), registry(store, std::move(name), clock, *this, options), m_clock(clock)
    {}
    void superseded(const GatewayId &, const SocketId &id, const NodeId &newer) override
    {
        told.push_back("close " + id.string().substr(0, 1) + " for " + newer);
    }
    void openedAgain(const GatewayId &, const SocketId &id, const NodeId &older) override
    {
        told.push_back("have " + id.string().substr(0, 1) + " before " + older);
    }

    void enter(char letter, std::vector<Tag> tags = {"t"}, const GatewayId &gateway = "g")
    {
        registry.entered(gateway,
                         {idOf(letter), m_clock.wall(), m_clock.wall(), std::move(tags), "ann", "r"});
    }
    void leave(char letter) { registry.left("g", idOf(letter)); }
    void tick()
    {
        registry.tick();
        store.settle();
    }
    /// First letters of the ids that it sees at others.
    std::string list(const std::optional<Tag> &tag = {}, size_t limit = 100, const std::string &cursor = {})
    {
        std::string letters;
        registry.list("g", tag, limit, cursor, [&](const Result<RegisteredPage> &page) {
            if (!page)
                letters = "unavailable";
            for (size_t i = 0; page && i < page->sockets.size(); ++i)
                letters += page->sockets[i].id.view()[0];
            if (page && page->more)
                letters += "+";
        });
        store.settle();
        return letters;
    }
    std::string find(char letter)
    {
        std::string answer;
        registry.find("g", idOf(letter), [&](const Result<std::optional<NodeId>> &found) {
            answer = !found ? "unavailable" : found->value_or("none");
        });
        store.settle();
        return answer;
    }
    std::vector<NodeId> nodes()
    {
        std::vector<NodeId> answer{"unavailable"};
        registry.nodes("g", [&](const Result<std::vector<NodeId>> &found) {
            if (found)
                answer = *found;
        });
        store.settle();
        return answer;
    }

    FakeRegistryStore store;
    std::vector<std::string> told;
    SocketRegistry registry;

private:
    const Clock &m_clock;
};

/// Two nodes of one store.
class SocketRegistryTest : public ::testing::Test
{
protected:
    void advance(std::chrono::milliseconds by)
    {
        clock.advance(by);
        server.advance(by);
    }
    void disconnect(RegistryNode &node)
    {
        node.registry.storeDown();
        node.store.breakLink();
    }
    void reconnect(RegistryNode &node)
    {
        node.store.mendLink();
        node.registry.storeUp();
        node.store.settle();
    }

    FakeClock clock;
    FakeRegistryServer server;
    RegistryNode a{server, clock, "a"};
    RegistryNode b{server, clock, "b"};
};

} // namespace mws::test
