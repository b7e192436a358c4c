#include "config/loader.h"

#include <cstddef>
#include <cstdint>
#include <string>

/// The TOML loader: whatever stands in the file, it ends with a configuration or with errors.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const std::string text(reinterpret_cast<const char *>(data), size);
    const mws::LoadedConfig loaded = mws::loadConfig(mws::ConfigText{"fuzz.toml", text}, {});
    return loaded.errors.empty() && loaded.config.provenance.empty() ? -1 : 0;
}
