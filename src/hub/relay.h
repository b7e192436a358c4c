#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace mws {

/// What one relayed message takes of its sender's window, from the moment it is sent until no receiver holds
/// it up any more. Sockets whose queue is more than half full keep a reference, and so does the message on
/// its way to another worker; when the last one is gone, the sender is told. Thread: made by the sender's
/// worker; the last reference may go anywhere.
class RelayReceipt
{
public:
    /// `returned` is called by whoever lets go last, unless it was settled; it must only post a letter.
    explicit RelayReceipt(std::function<void()> returned) : m_returned(std::move(returned)) {}
    ~RelayReceipt()
    {
        if (m_returned)
            m_returned();
    }
    RelayReceipt(const RelayReceipt &) = delete;
    RelayReceipt &operator=(const RelayReceipt &) = delete;

    /// Nobody else has a reference: the sender need not be told. Thread: the sender's.
    void settle() { m_returned = {}; }

private:
    std::function<void()> m_returned;
};

using SharedReceipt = std::shared_ptr<RelayReceipt>;

/// What a socket has to do with relaying, as sender and as receiver; made when it first has.
/// Thread: its worker's.
struct RelayState
{
    /// What a sender may have under way before it is read no further. One message always may.
    static constexpr size_t window = 65536;

    uint64_t number = 0; ///< of this sender on its worker, so that an old receipt finds no other one
    size_t underWay = 0; ///< bytes
    std::vector<SharedReceipt> holdUp; ///< of messages that came when its own queue was more than half full
};

} // namespace mws
