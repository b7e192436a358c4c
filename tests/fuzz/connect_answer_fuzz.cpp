#include "events/connect_answer.h"
#include "fuzz/fuzz_input.h"
#include "fuzz/json_tree.h"
#include "fuzz/reference_json.h"
#include "json/json_reader.h"

using namespace mws;
using namespace mws::test;

/// What is taken of a backend's answer is what jansson reads there, and within the limits.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HttpReply reply;
    reply.status = 200;
    reply.isWhole = true;
    reply.body.assign(reinterpret_cast<const char *>(data), size);
    Limits limits;
    limits.tagsPerSocket = 4;
    limits.tagLength = 8;
    const auto answer = readConnectAnswer(reply, limits);
    if (!answer) {
        require(answer.error().code == ErrorCode::Unavailable && !answer.error().detail.empty());
        return 0;
    }
    require(reply.body.empty() || readJson(reply.body).valid);
    if (answer->user)
        require(!answer->user->empty() && isUtf8(*answer->user));
    if (answer->tags)
        require(answer->tags->size() <= limits.tagsPerSocket);
    const JsonTree tree = parseTree(reply.body, JSON_REJECT_DUPLICATES);
    if (!tree)
        return 0;
    require(answer->user.value_or("") == textOf(json_object_get(tree.get(), "user")));
    require(answer->tags.value_or(std::vector<Tag>()) == textsOf(json_object_get(tree.get(), "tags")));
    return 0;
}
