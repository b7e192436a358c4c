#pragma once

#include "cluster/gateway_fields.h"
#include "cluster/gateway_state_store.h"
#include "fake_link.h"

#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace mws::test {

/// What all nodes of a simulated cluster read and write, with a copy that a replica has of it. Nothing
/// happens by itself.
class FakeGatewayServer
{
public:
    std::string head() const
    {
        const auto it = fields.find(headField);
        return it == fields.end() ? std::string() : it->second;
    }
    GatewayFieldsWritten write(const GatewayFieldsWrite &write)
    {
        if (head() != write.expected)
            return GatewayFieldsWritten::Outdated;
        if (write.replace)
            fields.clear();
        for (const auto &[name, text] : write.set)
            fields[name] = text;
        for (const std::string &name : write.remove)
            fields.erase(name);
        return GatewayFieldsWritten::Written;
    }
    void replicate() { m_replica = fields; }
    void failOver() { fields = m_replica; }
    void forget()
    {
        fields.clear();
        replicate();
    }

    GatewayFields fields;

private:
    GatewayFields m_replica;
};

/// One node's way to the server; the link can break at any point, and what was on its way may be done all the
/// same, even much later.
class FakeGatewayStore final : public GatewayStateStore
{
public:
    explicit FakeGatewayStore(FakeGatewayServer &server) : m_server(server) {}

    void readHead(std::function<void(std::optional<std::string>)> done) override
    {
        m_link.send<std::optional<std::string>>([this] { return m_server.head(); }, std::move(done),
                                                std::nullopt, std::nullopt);
    }
    void readAll(std::function<void(std::optional<GatewayFields>)> done) override
    {
        m_link.send<std::optional<GatewayFields>>([this] { return m_server.fields; }, std::move(done),
                                                  std::nullopt, std::nullopt);
    }
    void write(GatewayFieldsWrite write, std::function<void(GatewayFieldsWritten)> done) override
    {
        m_link.send<GatewayFieldsWritten>([this, write = std::move(write)] { return m_server.write(write); },
                                          std::move(done), GatewayFieldsWritten::Refused,
                                          GatewayFieldsWritten::Unknown);
    }

    /// The server does the next command.
    void perform()
    {
        if (!m_late.empty()) {
            m_late.front()->perform();
            m_late.pop_front();
        }
        m_link.perform();
    }
    /// The node gets the next answer.
    void answer() { m_link.answer(); }
    /// The commands' fate is unknown; what was not performed will be if it `isLate`. The link may be back at
    /// once.
    void breakLink(bool isLate, bool isBack = false)
    {
        const auto underWay = m_link.breakOff();
        if (isBack)
            m_link.mend();
        if (isLate)
            m_late.insert(m_late.end(), underWay.commands.begin(), underWay.commands.end());
        FakeLink::lose(underWay.answers);
        FakeLink::lose(underWay.commands);
    }
    void mendLink() { m_link.mend(); }
    bool isUp() const { return m_link.isUp(); }
    bool busy() const { return m_link.busy() || !m_late.empty(); }

private:
    FakeGatewayServer &m_server;
    FakeLink m_link;
    FakeLink::Commands m_late;
};

} // namespace mws::test
