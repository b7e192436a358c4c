#include "fuzz/fuzz_input.h"
#include "fuzz/reference_utf8.h"
#include "protocol/utf8_validator.h"
#include "json/json_reader.h"

using namespace mws;
using namespace mws::test;

/// Three validators agree, and ours says so at the same byte however the text is split.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const FuzzInput input(data, size);
    const std::string_view text = input.bytes();
    const Utf8Reading expected = readUtf8(text);
    require(Utf8Validator::isValid(text) == expected.valid());
    require(isUtf8(text) == expected.valid());
    for (size_t at = 0; at <= text.size(); ++at) {
        Utf8Validator validator;
        require(validator.feed(text.substr(0, at)) == (at <= expected.refusedAt));
        require(validator.feed(text.substr(at)) == (expected.refusedAt == text.npos));
        require(validator.complete() == expected.valid());
    }
    Utf8Validator validator;
    for (const std::string_view piece : input.pieces())
        validator.feed(piece);
    require(validator.complete() == expected.valid());
    return 0;
}
