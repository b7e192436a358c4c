#include "fuzz/fuzz_input.h"
#include "redis/redis_reader.h"

#include <algorithm>

using namespace mws;
using namespace mws::test;

namespace {

constexpr RedisReader::Limits limits{.bytes = 200, .elements = 20, .lineBytes = 100};

/// What a reader says to bytes that come in these pieces.
struct Reading
{
    std::vector<RedisReply> replies;
    bool failed = false;
};

Reading read(const std::vector<std::string_view> &pieces)
{
    RedisReader reader(limits);
    Reading reading;
    for (const std::string_view piece : pieces) {
        reader.feed(piece);
        while (auto reply = reader.next())
            reading.replies.push_back(std::move(*reply));
    }
    reading.failed = reader.failed();
    return reading;
}

/// As a server would write it.
void write(const RedisReply &reply, std::string &bytes)
{
    using Kind = RedisReply::Kind;
    switch (reply.kind) {
    case Kind::Nil:
        bytes += "$-1\r\n";
        break;
    case Kind::Integer:
        bytes += ':' + std::to_string(reply.integer) + "\r\n";
        break;
    case Kind::Status:
        bytes += '+' + reply.text + "\r\n";
        break;
    case Kind::Error:
        bytes += '-' + reply.text + "\r\n";
        break;
    case Kind::String:
        bytes += '$' + std::to_string(reply.text.size()) + "\r\n" + reply.text + "\r\n";
        break;
    case Kind::Array:
        bytes += '*' + std::to_string(reply.elements.size()) + "\r\n";
        for (const RedisReply &element : reply.elements)
            write(element, bytes);
        break;
    }
}

size_t elementsOf(const RedisReply &reply)
{
    size_t sum = reply.elements.size();
    for (const RedisReply &element : reply.elements)
        sum += elementsOf(element);
    return sum;
}

size_t bytesOf(const RedisReply &reply)
{
    size_t sum = reply.text.size();
    for (const RedisReply &element : reply.elements)
        sum += bytesOf(element);
    return sum;
}

int depthOf(const RedisReply &reply)
{
    int deepest = 0;
    for (const RedisReply &element : reply.elements)
        deepest = std::max(deepest, depthOf(element));
    return deepest + (reply.isArray() ? 1 : 0);
}

} // namespace

/// Replies keep the limits, are the same however they are split, and mean the same when they are written and
/// read again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const FuzzInput input(data, size);
    const Reading reading = read(input.pieces());
    std::string again;
    for (const RedisReply &reply : reading.replies) {
        require(elementsOf(reply) <= limits.elements && bytesOf(reply) <= limits.bytes);
        require(depthOf(reply) <= RedisReader::deepest);
        write(reply, again);
    }
    // What is whole is read whole: only where a failure stands may it matter how the bytes came.
    std::vector<std::string_view> bytes;
    for (size_t i = 0; i < input.bytes().size(); ++i)
        bytes.push_back(input.bytes().substr(i, 1));
    require(read(bytes).replies == reading.replies);
    std::vector<std::string_view> written;
    for (size_t i = 0; i < again.size(); ++i)
        written.push_back(std::string_view(again).substr(i, 1));
    const Reading second = read(written);
    require(!second.failed && second.replies == reading.replies);
    return 0;
}
