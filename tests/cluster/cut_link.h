#pragma once

#include "support/child_process.h"

#include <memory>
#include <string>
#include <vector>

namespace mws::test {

/// A machine of its own for a node: a network namespace with two cables to ours, one for its clients, and
/// one, which can be cut, for its Redis. What is cut loses every packet in both directions: no FIN, no RST,
/// no ICMP. Our process must be in a network of its own (NetworkNamespace::enter()), and needs root.
/// Thread: one.
class NodeMachine
{
public:
    /// Why there can be none here; empty if there can.
    static std::string problem();

    NodeMachine();

    static const char *redisAddress() { return "10.13.1.1"; } ///< ours, on the cable that can be cut
    static const char *nodeAddress() { return "10.13.2.2"; }  ///< where our clients reach it
    /// What comes before a command that is to run there.
    std::vector<std::string> launcher() const;
    void cut();
    void mend();

private:
    std::unique_ptr<ChildProcess> m_holder; ///< the namespace lives as long as this does
};

} // namespace mws::test
