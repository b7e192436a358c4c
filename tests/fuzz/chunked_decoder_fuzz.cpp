#include "fuzz/fuzz_input.h"
#include "protocol/chunked_decoder.h"

using namespace mws;
using namespace mws::test;

namespace {

struct Decoded
{
    ChunkedDecoder::Status status = ChunkedDecoder::Status::NeedMore;
    std::string body;
    size_t consumed = 0;
    Error error;
    friend bool operator==(const Decoded &, const Decoded &) = default;
};

Decoded decode(const std::vector<std::string_view> &pieces)
{
    ChunkedDecoder decoder(5000);
    Decoded decoded;
    for (const std::string_view piece : pieces) {
        size_t consumed = 0;
        decoded.status = decoder.feed(piece, decoded.body, consumed);
        require(consumed <= piece.size());
        decoded.consumed += consumed;
        if (decoded.status != ChunkedDecoder::Status::NeedMore)
            break;
        require(consumed == piece.size());
    }
    require(decoded.body.size() <= 5000);
    decoded.error = decoder.error();
    return decoded;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const FuzzInput input(data, size);
    if (!input.bytes().empty())
        require(decode({input.bytes()}) == decode(input.pieces()));
    return 0;
}
