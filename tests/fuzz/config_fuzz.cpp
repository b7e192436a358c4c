#include "config/loader.h"
#include "config/option_pages.h"
#include "fuzz/fuzz_input.h"

#include <algorithm>
#include <string>

using namespace mws;
using namespace mws::test;

namespace {

LoadedConfig load(const std::string &text)
{
    return loadConfig(ConfigText{"fuzz.toml", text}, {});
}

/// What --print-config says, as a file; secrets are not in it.
std::string writtenAgain(const std::vector<Provenance> &rows)
{
    constexpr std::string_view further = "gateways.";
    std::string text;
    std::string section;
    for (const Provenance &row : rows) {
        const size_t dot = row.option.rfind('.');
        const std::string name = row.option.substr(0, dot);
        const std::string key = row.option.substr(dot + 1);
        const bool first = name.starts_with(further) && key == "id";
        if (name != section || first)
            text += first || name.starts_with(further) ? "[[gateways]]\n" : '[' + name + "]\n";
        section = name;
        if (row.value != "(set)" && row.value != "(not set)")
            text += key + " = " + row.value + '\n';
    }
    return text;
}

bool hasSecret(const std::vector<Provenance> &rows)
{
    return std::any_of(rows.begin(), rows.end(), [](const Provenance &row) { return row.value == "(set)"; });
}

} // namespace

/// Whatever stands in the file, it ends with errors of one line each, or with a configuration that means the
/// same when it is printed and read again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const LoadedConfig loaded = load(std::string(reinterpret_cast<const char *>(data), size));
    for (const std::string &error : loaded.errors)
        require(!error.empty() && error.find('\n') == error.npos);
    for (const std::string &warning : loaded.config.warnings)
        require(!warning.empty() && warning.find('\n') == warning.npos);
    const std::vector<Provenance> &rows = loaded.config.provenance;
    require(!rows.empty() && !provenanceText(rows).empty());
    if (!loaded.errors.empty() || hasSecret(rows))
        return 0;
    const LoadedConfig again = load(writtenAgain(rows));
    require(again.errors.empty() && again.config.provenance.size() == rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
        const Provenance &row = again.config.provenance[i];
        require(row.option == rows[i].option && row.value == rows[i].value);
    }
    return 0;
}
