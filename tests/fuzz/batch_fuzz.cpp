#include "api/message_parser.h"

#include <cstdint>

/// Whatever a batch holds, each of its parts can be looked at.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static mws::MessageParser parser;
    const auto parts = parser.splitBatch({reinterpret_cast<const char *>(data), size}, {});
    if (parts)
        for (const std::string_view part : *parts)
            (void)parser.parse(part, {});
    return 0;
}
