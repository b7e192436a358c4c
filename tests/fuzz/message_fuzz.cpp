#include "api/message_parser.h"

#include <cstdint>
#include <cstdlib>

/// A message that is taken has an answer that is taken in turn, as the same message.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static mws::MessageParser parser;
    const auto first = parser.parse({reinterpret_cast<const char *>(data), size}, {});
    if (!first)
        return 0;
    const auto second = parser.parse(first->answer, {});
    if (!second || second->answer != first->answer)
        std::abort();
    if (first->message.type == mws::PayloadType::Text && second->message.payload != first->message.payload)
        std::abort();
    return 0;
}
