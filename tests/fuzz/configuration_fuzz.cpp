#include "config/gateway_json.h"
#include "config/gateway_state.h"
#include "fuzz/fuzz_input.h"
#include "fuzz/reference_json.h"

using namespace mws;
using namespace mws::test;

namespace {

/// The whole configuration, put again, changes nothing.
void checkPutAgain(const GatewaySettings &settings)
{
    const std::string json = configurationJson(settings);
    require(readJson(json).valid && readJson(json).object);
    const auto change = parseConfiguration(json, IdKey::Refused);
    require(change.has_value());
    GatewayConfig again;
    require(applyPatch(again, change->values).has_value());
    require(again.settings == settings && configurationJson(again.settings) == json);
}

} // namespace

/// The body of PUT configuration, and the state file that keeps it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const std::string_view body(reinterpret_cast<const char *>(data), size);
    const auto state = parseGatewayState(QByteArray::fromRawData(body.data(), qsizetype(size)), "state");
    require(state || state.error().message().find('\n') == std::string_view::npos);
    const auto change = parseConfiguration(body, IdKey::Allowed);
    if (!change)
        return 0;
    require(change->id.empty() || isGatewayId(change->id));
    GatewayConfig gateway;
    if (!applyPatch(gateway, change->values))
        return 0;
    checkPutAgain(gateway.settings);
    GatewayConfig twice;
    require(applyPatch(twice, changed(changed({}, *change), *change)).has_value());
    require(twice.settings == gateway.settings);
    return 0;
}
