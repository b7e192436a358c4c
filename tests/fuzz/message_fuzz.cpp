#include "api/message_parser.h"
#include "fuzz/fuzz_input.h"
#include "fuzz/json_tree.h"
#include "fuzz/reference_json.h"

#include <algorithm>

using namespace mws;
using namespace mws::test;

namespace {

constexpr int maxDepth = 12;

Limits smallLimits()
{
    Limits limits;
    limits.receiversPerMessage = 6;
    limits.tagLength = 8;
    return limits;
}

/// The receivers as jansson reads them.
Receivers expectedReceivers(const json_t *receivers)
{
    Receivers expected;
    expected.tags = textsOf(json_object_get(receivers, "tags"));
    expected.excluded = textsOf(json_object_get(receivers, "exclude"));
    for (const std::string &id : textsOf(json_object_get(receivers, "sockets"))) {
        if (id == "*")
            expected.everyone = true;
        else
            expected.sockets.push_back(id);
    }
    return expected;
}

bool isListOfTexts(const json_t *list)
{
    if (!list || json_is_null(list))
        return true;
    for (size_t i = 0; i < json_array_size(list); ++i) {
        if (!json_is_string(json_array_get(list, i)))
            return false;
    }
    return json_is_array(list);
}

/// Of the messages without options, those that have to be taken.
bool isPlainMessage(const json_t *body, const Limits &limits)
{
    const json_t *const data = json_object_get(body, "data");
    const json_t *const receivers = json_object_get(body, "receivers");
    if (!data || json_is_null(data) || !json_is_object(receivers))
        return false;
    for (const char *option : {"ttl", "id", "encoding"}) {
        if (json_object_get(body, option))
            return false;
    }
    size_t named = 0;
    for (const char *list : {"sockets", "tags", "exclude"}) {
        if (!isListOfTexts(json_object_get(receivers, list)))
            return false;
        named += json_array_size(json_object_get(receivers, list));
    }
    const auto tags = textsOf(json_object_get(receivers, "tags"));
    const auto fits = [&](const Tag &tag) { return !tag.empty() && tag.size() <= limits.tagLength; };
    return named <= limits.receiversPerMessage && std::all_of(tags.begin(), tags.end(), fits);
}

void checkAgainstTree(const ParsedMessage &parsed, const json_t *body)
{
    const json_t *const data = json_object_get(body, "data");
    const json_t *const receivers = json_object_get(body, "receivers");
    require(data && !json_is_null(data) && json_is_object(receivers));
    require(parsed.message.receivers == expectedReceivers(receivers));
    require(isText(json_object_get(body, "encoding"), "base64") ==
            (parsed.message.type == PayloadType::Binary));
    const std::string &payload = parsed.message.payload;
    if (parsed.message.type == PayloadType::Binary)
        return require(json_string_length(data) / 4 * 3 >= payload.size());
    if (json_is_string(data))
        return require(isText(data, payload));
    const JsonTree sent = parseTree(payload);
    require(sent && json_equal(sent.get(), data));
}

/// The answer is a message of its own, and the same one.
void checkAnswer(MessageParser &parser, const ParsedMessage &parsed, const Limits &limits)
{
    require(readJson(parsed.answer).valid);
    const auto again = parser.parse(parsed.answer, limits);
    require(again && again->answer == parsed.answer);
    if (parsed.message.type == PayloadType::Text)
        require(again->message.payload == parsed.message.payload);
    Receivers receivers = parsed.message.receivers;
    receivers.excluded.clear();
    require(again->message.receivers == receivers);
}

} // namespace

/// Messages are understood as another JSON parser reads them; what is taken is answered as it was meant.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const Limits limits = smallLimits();
    static MessageParser parser(maxDepth);
    const std::string_view body(reinterpret_cast<const char *>(data), size);
    const auto parsed = parser.parse(body, limits);
    const JsonTree tree = parseTree(body, JSON_REJECT_DUPLICATES);
    if (tree && isPlainMessage(tree.get(), limits) && readJson(body).depth <= maxDepth)
        require(parsed.has_value());
    if (!parsed)
        return 0;
    const JsonReading reading = readJson(body);
    require(reading.valid && reading.object && reading.depth <= maxDepth);
    require(!parsed->message.ttl || parsed->message.ttl->count() > 0);
    require(parsed->message.type != PayloadType::Text || isUtf8(parsed->message.payload));
    if (tree)
        checkAgainstTree(*parsed, tree.get());
    checkAnswer(parser, *parsed, limits);
    return 0;
}
