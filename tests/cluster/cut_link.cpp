#include "cut_link.h"

#include "network_namespace.h"
#include "support/test_certificates.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace mws::test {

namespace {

constexpr char unshare[] = "/usr/bin/unshare";
constexpr char nsenter[] = "/usr/bin/nsenter";
constexpr char ip[] = "/usr/sbin/ip";

std::vector<std::string> words(const std::string &text)
{
    std::vector<std::string> all;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find(' ', at), text.size());
        all.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return all;
}

void run(std::vector<std::string> before, const std::string &command)
{
    for (std::string &word : words(command))
        before.push_back(std::move(word));
    const GatewayRun ran = runProgram(before);
    EXPECT_EQ(ran.exitCode, 0) << command << ": " << ran.errors;
}

void ours(const std::string &command)
{
    run({ip}, command);
}

} // namespace

std::string NodeMachine::problem()
{
    if (::geteuid() != 0 || !NetworkNamespace::isPrivate())
        return "network namespaces need root";
    return {};
}

NodeMachine::NodeMachine()
    : m_holder(std::make_unique<ChildProcess>(
          std::vector<std::string>{unshare, "--net", "/bin/sh", "-c", "echo there; exec sleep infinity"},
          Environment{}, "/"))
{
    EXPECT_TRUE(m_holder->waitForOutput([](const std::string &text) { return !text.empty(); }));
    const std::string there = std::to_string(m_holder->id());
    ours("link add redis type veth peer name redis-node");
    ours("link add clients type veth peer name clients-node");
    ours("link set redis-node netns " + there);
    ours("link set clients-node netns " + there);
    ours("addr add 10.13.1.1/24 dev redis");
    ours("addr add 10.13.2.1/24 dev clients");
    ours("link set redis up");
    ours("link set clients up");
    const auto node = [this](const std::string &command) { run(launcher(), ip + (' ' + command)); };
    node("link set lo up");
    node("addr add 10.13.1.2/24 dev redis-node");
    node("addr add 10.13.2.2/24 dev clients-node");
    node("link set redis-node up");
    node("link set clients-node up");
}

std::vector<std::string> NodeMachine::launcher() const
{
    return {nsenter, "--net=/proc/" + std::to_string(m_holder->id()) + "/ns/net"};
}

void NodeMachine::cut()
{
    ours("link set redis down");
}

void NodeMachine::mend()
{
    ours("link set redis up");
}

} // namespace mws::test
