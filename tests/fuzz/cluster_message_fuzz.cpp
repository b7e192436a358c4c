#include "cluster/cluster_message.h"

#include "fuzz/fuzz_input.h"

using namespace mws;
using namespace mws::test;

// An entry of a gateway's stream: what is taken holds no more than the bytes had, and comes back as it was
// read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char *>(data), size);
    const auto message = decodeClusterMessage(bytes);
    if (!message)
        return 0;
    size_t held = message->payload.size();
    for (const auto *texts :
         {&message->receivers.sockets, &message->receivers.tags, &message->receivers.excluded})
        for (const std::string &text : *texts)
            held += text.size() + 1;
    require(held <= bytes.size());
    require(decodeClusterMessage(encode(*message)) == message);
    return 0;
}
