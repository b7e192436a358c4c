#include "fuzz/fuzz_input.h"
#include "fuzz/json_tree.h"
#include "fuzz/reference_json.h"
#include "json/json_reader.h"

using namespace mws;
using namespace mws::test;

/// The reader takes what RFC 8259 calls JSON and nothing else, read or only skipped, as jansson does.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    constexpr size_t maxDepth = 12;
    static JsonReader reader(maxDepth);
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    const JsonReading expected = readJson(text);
    const bool wanted = expected.valid && expected.object && expected.depth <= int(maxDepth);
    require(isJsonObject(reader, text) == wanted);

    const JsonTree tree = parseTree(text);
    require(!tree || expected.valid);
    require(tree || !expected.valid || !expected.plain);

    std::string parts;
    const Result<void> read = reader.readObject(text, [&](std::string_view key, JsonValue &value) {
        const auto written = value.readText();
        if (written)
            parts.append(key).append(*written);
        return written.has_value();
    });
    require(read.has_value() == wanted);
    if (!wanted)
        return 0;
    std::string minified;
    appendMinified(minified, text);
    require(readJson(minified).valid);
    if (tree) {
        const JsonTree again = parseTree(minified);
        require(again && json_equal(again.get(), tree.get()));
    }
    return 0;
}
