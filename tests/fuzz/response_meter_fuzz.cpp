#include "fuzz/fuzz_input.h"
#include "protocol/response_meter.h"

using namespace mws;
using namespace mws::test;

namespace {

struct Metered
{
    size_t taken = 0;
    bool done = false;
    bool untilClose = false;
    int status = 0;
    friend bool operator==(const Metered &, const Metered &) = default;
};

Metered meter(const std::vector<std::string_view> &pieces, bool headOnly)
{
    ResponseMeter meter;
    meter.start(headOnly);
    size_t taken = 0;
    for (const std::string_view piece : pieces) {
        const size_t size = meter.feed(piece);
        require(size <= piece.size() && (size == piece.size() || meter.done()));
        taken += size;
    }
    return {taken, meter.done(), meter.untilClose(), meter.status()};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const FuzzInput input(data, size);
    const bool headOnly = size % 2 == 0;
    require(meter({input.bytes()}, headOnly) == meter(input.pieces(), headOnly));
    return 0;
}
