#include "fuzz/fuzz_input.h"
#include "protocol/utf8_validator.h"

using namespace mws;
using namespace mws::test;

namespace {

/// RFC 3629 by decoding.
bool isUtf8(std::string_view text)
{
    for (size_t at = 0; at < text.size();) {
        const auto lead = static_cast<uint8_t>(text[at]);
        const size_t size = lead < 0x80       ? 1
                            : lead >> 5 == 6  ? 2
                            : lead >> 4 == 14 ? 3
                            : lead >> 3 == 30 ? 4
                                              : 0;
        if (size == 0 || text.size() - at < size)
            return false;
        uint32_t code = size == 1 ? lead : lead & (0xFFu >> (size + 1));
        for (size_t i = 1; i < size; ++i) {
            const auto next = static_cast<uint8_t>(text[at + i]);
            if (next >> 6 != 2)
                return false;
            code = code << 6 | (next & 0x3F);
        }
        constexpr uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
        if (code < smallest[size] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
            return false;
        at += size;
    }
    return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const FuzzInput input(data, size);
    const bool expected = isUtf8(input.bytes());
    require(Utf8Validator::isValid(input.bytes()) == expected);
    Utf8Validator validator;
    for (const std::string_view piece : input.pieces())
        validator.feed(piece);
    require(validator.complete() == expected);
    return 0;
}
