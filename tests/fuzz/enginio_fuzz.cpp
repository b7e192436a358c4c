#include "api/message_parser.h"
#include "webhook/enginio_receiver.h"

#include <cstdint>

/// What the receiver makes of an event can be looked at as a message.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static mws::EnginioReceiver receiver;
    static mws::MessageParser parser;
    const auto body = receiver.messageBody({reinterpret_cast<const char *>(data), size});
    if (body)
        (void)parser.parse(*body, {});
    return 0;
}
