#include "cluster/node_letter.h"

#include "fuzz/fuzz_input.h"

using namespace mws;
using namespace mws::test;

// A letter of another node: what is taken holds no more than the bytes had, names a sender that can stand in
// a key, and comes back as it was read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char *>(data), size);
    const auto letter = decodeNodeLetter(bytes);
    if (!letter)
        return 0;
    require(letter->body.size() + letter->from.size() < bytes.size());
    require(bytes.ends_with(letter->body));
    require(!letter->from.empty() && letter->from.size() <= 64);
    require(letter->from.find_first_of("{}:") == std::string::npos);
    require(decodeNodeLetter(encode(*letter)) == letter);
    return 0;
}
