#pragma once

#include <string>

namespace mws::test {

/// A network of this process and its children alone, in which a peer can vanish without FIN or RST: the
/// address that it came from is taken away, and nothing reaches it any more, nor comes from it.
class NetworkNamespace
{
public:
    /// Moves this process into a new network, with 127.0.0.1 and `peerAddress`. Needs root, or a system that
    /// gives user namespaces to everybody; else it changes nothing and isPrivate() is false. Call before
    /// there is a second thread.
    static void enter();
    static bool isPrivate();

    /// Where those come from that will vanish; 127.0.0.1 if it is not private.
    static std::string peerAddress();
    /// From now on nobody is at `peerAddress`.
    static void cut();
};

} // namespace mws::test
