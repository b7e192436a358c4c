#include "hub/mailbox.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace mws;

namespace {

/// Takes what comes until `count` letters were handled.
void takeAll(Mailbox &mailbox, int &handled, int count, const Mailbox::Deliver &deliver)
{
    while (handled < count) {
        if (!mailbox.take(deliver))
            std::this_thread::yield();
    }
}

/// As the service hands a message over: immutable, by the mailbox. The sanitizer has nothing to say.
void handOver()
{
    Mailbox mailbox;
    int handled = 0;
    size_t bytes = 0;
    std::thread owner([&] {
        takeAll(mailbox, handled, 200, [&](const RoutedMessage &message) {
            bytes += message.frame->size();
            ++handled;
        });
    });
    for (int i = 0; i < 200; ++i) {
        auto message = std::make_shared<RoutedMessage>();
        message->frame = std::make_shared<const std::string>("hello");
        mailbox.deliver(std::move(message));
    }
    owner.join();
}

/// A payload that two threads share with no mailbox between them. Whole words, so that the sanitizer, which
/// remembers four accesses to each of them, forgets none whatever the threads' turns.
void sharePayload()
{
    std::vector<uint64_t> payload(64, 'a');
    uint64_t seen = 0;
    std::thread reader([&] {
        for (size_t i = 0; i < 100000; ++i)
            seen += payload[i % 64];
    });
    for (size_t i = 0; i < 100000; ++i)
        payload[i % 64] = 'a' + i % 2;
    reader.join();
}

/// The sender still writes into a message that it has already posted.
void writeAfterPosting()
{
    Mailbox mailbox;
    int handled = 0;
    size_t seen = 0;
    std::thread owner([&] {
        takeAll(mailbox, handled, 2000, [&](const RoutedMessage &message) {
            seen += message.gatewaySerial;
            ++handled;
        });
    });
    for (int i = 0; i < 2000; ++i) {
        const auto message = std::make_shared<RoutedMessage>();
        mailbox.deliver(message);
        message->gatewaySerial = uint32_t(i);
    }
    owner.join();
}

} // namespace

int main(int count, char **arguments)
{
    const std::string_view fault = count > 1 ? arguments[1] : "";
    if (fault == "payload")
        sharePayload();
    else if (fault == "after_posting")
        writeAfterPosting();
    else if (fault == "none")
        handOver();
    else
        return 2;
    return 0;
}
