#include <mutex>

/// Stands in for the mailbox's mutex. Takes part in nothing unless it is told to guard.
struct PlantedMutex
{
    static inline bool guards = true;
    std::mutex real;
    void lock()
    {
        if (guards)
            real.lock();
    }
    void unlock()
    {
        if (guards)
            real.unlock();
    }
};

// Everything that the mailbox includes comes before, so that only its own mutex becomes the planted one.
#include "mws/base/executor.h"
#include "mws/domain/message.h"
#include "protocol/output_queue.h"

#include <QAbstractEventDispatcher>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace std {
using PlantedMutex = ::PlantedMutex;
}
#define mutex PlantedMutex
#include "hub/mailbox.cpp" // NOLINT: the real code, with another mutex
#undef mutex

/// Posts to the real mailbox's code from one thread and takes in another; with `no_mutex` nothing is between
/// them.
int main(int count, char **arguments)
{
    const std::string_view fault = count > 1 ? arguments[1] : "";
    if (fault != "none" && fault != "no_mutex")
        return 2;
    PlantedMutex::guards = fault == "none";
    mws::Mailbox mailbox;
    constexpr int letters = 200;
    int handled = 0;
    std::thread owner([&] {
        while (handled < letters) {
            if (!mailbox.take([&](const mws::RoutedMessage &) { ++handled; }))
                std::this_thread::yield();
        }
    });
    for (int i = 0; i < letters; ++i)
        mailbox.deliver(std::make_shared<const mws::RoutedMessage>());
    owner.join();
    return 0;
}
