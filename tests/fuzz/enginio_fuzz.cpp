#include "api/message_parser.h"
#include "fuzz/fuzz_input.h"
#include "fuzz/json_tree.h"
#include "fuzz/reference_json.h"
#include "webhook/enginio_receiver.h"

using namespace mws;
using namespace mws::test;

namespace {

constexpr int maxDepth = 12;

/// Tags and `*` of the first shape's receivers, as jansson reads them.
void checkReceivers(const json_t *receivers, const json_t *sent)
{
    bool everyone = false;
    std::vector<std::string> tags;
    for (size_t i = 0; i < json_array_size(receivers); ++i) {
        const json_t *const receiver = json_array_get(receivers, i);
        const std::string id = textOf(json_object_get(receiver, "id"));
        const std::string type = textOf(json_object_get(receiver, "objectType"));
        require(!id.empty() && !type.empty());
        if (id == "*" && type == "aclSubject")
            everyone = true;
        else
            tags.push_back(type + "." + id);
    }
    require(textsOf(json_object_get(sent, "tags")) == tags);
    require((json_array_size(json_object_get(sent, "sockets")) == 1) == everyone);
}

void checkAgainstTree(const json_t *body, const json_t *made)
{
    const json_t *const payload = json_object_get(body, "payload");
    const json_t *const data = json_object_get(made, "data");
    if (payload) {
        require(json_equal(payload, data));
        checkReceivers(json_object_get(body, "receivers"), json_object_get(made, "receivers"));
    } else if (json_object_get(body, "data")) {
        require(json_equal(body, made));
    } else {
        require(json_is_object(json_object_get(body, "object")) && json_equal(body, data));
        require(json_array_size(json_object_get(json_object_get(made, "receivers"), "sockets")) == 1);
    }
}

/// A bare object, and a payload with receivers: what Enginio itself sent has to be taken.
bool isBareObject(const json_t *body)
{
    return !json_object_get(body, "payload") && !json_object_get(body, "data") &&
           json_is_object(json_object_get(body, "object")) && json_is_object(json_object_get(body, "meta")) &&
           !json_object_get(body, "receivers");
}

} // namespace

/// What the receiver makes of an event is a message with the same content.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static EnginioReceiver receiver(maxDepth);
    static MessageParser parser(maxDepth + 2);
    const std::string_view body(reinterpret_cast<const char *>(data), size);
    const auto made = receiver.messageBody(body);
    const JsonTree tree = parseTree(body, JSON_REJECT_DUPLICATES);
    if (tree && isBareObject(tree.get()) && readJson(body).depth <= maxDepth)
        require(made.has_value());
    if (!made)
        return 0;
    require(readJson(body).valid && readJson(*made).valid);
    if (tree) {
        const JsonTree sent = parseTree(*made);
        require(sent != nullptr);
        checkAgainstTree(tree.get(), sent.get());
    }
    const auto parsed = parser.parse(*made, {});
    require(parsed || !parsed.error().property.empty());
    return 0;
}
