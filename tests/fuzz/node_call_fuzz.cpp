#include "hub/node_call.h"

#include "fuzz/fuzz_input.h"

using namespace mws;
using namespace mws::test;

// What another node asks about sockets, and what it answers: what is taken comes back as it was read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char *>(data), size);
    if (const auto call = decodeNodeCall(bytes)) {
        const std::string again = encode(*call);
        require(again.size() <= bytes.size()); // numbers have one shortest form
        const auto back = decodeNodeCall(again);
        require(back.has_value());
        require(encode(*back) == again);
    }
    if (const auto answer = decodeSocketAnswer(bytes))
        require(decodeSocketAnswer(encodeSocketAnswer(answer)).has_value());
    if (const auto count = decodeCount(bytes))
        require(decodeCount(encodeCount(*count)) == count);
    return 0;
}
