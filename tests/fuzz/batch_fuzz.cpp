#include "api/message_parser.h"
#include "fuzz/fuzz_input.h"
#include "fuzz/json_tree.h"
#include "fuzz/reference_json.h"

using namespace mws;
using namespace mws::test;

namespace {

constexpr int maxDepth = 12;

bool sameResult(const Result<ParsedMessage> &a, const Result<ParsedMessage> &b)
{
    if (!a || !b)
        return !a && !b && a.error() == b.error();
    return a->answer == b->answer && a->message.payload == b->message.payload &&
           a->message.receivers == b->message.receivers;
}

/// Put together again, the parts are the same batch.
void checkRejoined(const std::vector<std::string> &parts, const Limits &limits)
{
    static MessageParser other(maxDepth);
    std::string text = "{\"messages\":[";
    for (size_t i = 0; i < parts.size(); ++i)
        text.append(i == 0 ? "" : ",").append(parts[i]);
    text.append("]}");
    const auto again = other.splitBatch(text, limits);
    require(again && again->size() == parts.size());
    for (size_t i = 0; i < parts.size(); ++i)
        require(readJson(parts[i]).valid && readJson((*again)[i]).valid);
}

} // namespace

/// A batch has as many parts as another parser counts, each can be read alone, and none changes another.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static MessageParser parser(maxDepth);
    static MessageParser alone(maxDepth);
    Limits limits;
    limits.messagesPerBatch = 8;
    const std::string_view body(reinterpret_cast<const char *>(data), size);
    const JsonTree tree = parseTree(body, JSON_REJECT_DUPLICATES);
    const json_t *const messages = tree ? json_object_get(tree.get(), "messages") : nullptr;
    const auto parts = parser.splitBatch(body, limits);
    if (json_is_array(messages) && json_array_size(messages) <= 8 && readJson(body).depth <= maxDepth)
        require(parts.has_value());
    if (!parts)
        return 0;
    require(readJson(body).valid && parts->size() <= 8);
    require(!tree || parts->size() == json_array_size(messages));
    std::vector<std::string> copies(parts->begin(), parts->end());
    for (size_t i = 0; i < copies.size(); ++i) {
        const JsonTree part = parseTree(copies[i]);
        if (tree)
            require(part && json_equal(part.get(), json_array_get(messages, i)));
        require((*parts)[i] == copies[i]); // parsing the one before left it alone
        require(sameResult(parser.parse((*parts)[i], limits), alone.parse(copies[i], limits)));
    }
    checkRejoined(copies, limits);
    return 0;
}
