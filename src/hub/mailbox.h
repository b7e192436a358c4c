#pragma once

#include "hub/relay.h"
#include "mws/base/executor.h"
#include "mws/domain/message.h"
#include "protocol/output_queue.h"

#include <functional>
#include <memory>
#include <mutex>
#include <variant>
#include <vector>

class QAbstractEventDispatcher;

namespace mws {

/// A message that was framed on one worker, on its way to the others. Immutable.
struct RoutedMessage
{
    uint32_t gatewaySerial = 0;
    Receivers receivers;
    SharedBytes frame;
    SteadyTime expires{};
    SharedReceipt receipt;      ///< of a relayed one; null: nobody is held up by it
    SteadyTime accepted{};      ///< at this node; default: its time is not taken
    std::string requestId = {}; ///< see Message::requestId
};

/// The one way into a thread: what others want of it waits here, in order, and is taken once per turn. Never
/// drops. Thread: post() and deliver() from any; the rest from the owner.
class Mailbox final : public Executor
{
public:
    using Deliver = std::function<void(const RoutedMessage &)>;

    /// From now on a letter wakes `dispatcher`; null: letters only wait (before the thread runs, and after).
    void setDispatcher(QAbstractEventDispatcher *dispatcher);

    void post(std::function<void()> task) override;
    void deliver(std::shared_ptr<const RoutedMessage> message);

    /// Handles what is there; true if there was anything.
    bool take(const Deliver &deliver);
    /// Drops what is there, when its thread has ended; true if there was anything.
    bool discard();

private:
    using Letter = std::variant<std::function<void()>, std::shared_ptr<const RoutedMessage>>;
    void add(Letter letter);

    std::mutex m_mutex; ///< guards the two below
    std::vector<Letter> m_letters;
    QAbstractEventDispatcher *m_dispatcher = nullptr;
    std::vector<Letter> m_taken; ///< kept for its capacity
};

} // namespace mws
