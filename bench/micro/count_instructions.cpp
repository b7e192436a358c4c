// Runs one hot path again and again with callgrind's counting on only meanwhile; bench/instructions.py reads
// the result.
//   count_instructions --list     each name with the number of its calls
//   count_instructions NAME

#include "hot_paths.h"
#include "measured.h"

#include <cstdio>
#include <functional>
#include <string_view>
#include <utility>
#include <valgrind/callgrind.h>

namespace mws::micro {
namespace {

struct HotPath
{
    std::string_view name;
    int calls; ///< that are counted; some are divided by what repeats only now and then
    std::function<void(int calls)> count;
};

/// So many calls, of which as many again went before: everything that is made once, kept or bound late is
/// there.
template <typename Path>
void count(int calls, Path path)
{
    for (int i = 0; i < calls; ++i)
        path();
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
    for (int i = 0; i < calls; ++i)
        path();
    CALLGRIND_STOP_INSTRUMENTATION;
}

/// A hot path that is a member of `Paths`, which is made from `arguments`.
template <typename Paths, typename Result, typename... Arguments>
HotPath hotPath(std::string_view name, int calls, Result (Paths::*path)(), Arguments... arguments)
{
    return {name, calls, [path, arguments...](int counted) {
                Paths paths(arguments...);
                count(counted, [&] { (paths.*path)(); });
            }};
}

std::vector<HotPath> hotPaths()
{
    using Kind = RequestHeads::Kind;
    return {
        hotPath("request-head-small", 1000, &RequestHeads::parse, Kind::Small),
        hotPath("request-head-typical", 1000, &RequestHeads::parse, Kind::Typical),
        hotPath("request-head-browser", 1000, &RequestHeads::parse, Kind::Browser),
        hotPath("client-frame-text-100", 1000, &ClientFrames::parse, Opcode::Text, 100u),
        hotPath("client-frame-text-4096", 1000, &ClientFrames::parse, Opcode::Text, 4096u),
        hotPath("client-frame-binary-4096", 1000, &ClientFrames::parse, Opcode::Binary, 4096u),
        hotPath("server-frame-512", 1000, &ServerFrames::make, 512u),
        hotPath("token-sign", 500, &TokenChecks::sign),
        hotPath("token-verify", 500, &TokenChecks::verify),
        hotPath("token-gateway", 500, &TokenChecks::readGateway),
        hotPath("token-spend", 4000, &TokenChecks::spend),
        hotPath("route-to-socket-10000", 2000, &Routing::toSocket, 10000u, 100u),
        hotPath("route-to-tag-1-of-10000", 2000, &Routing::toTag, 10000u, 10000u),
        hotPath("route-to-tag-100-of-10000", 1000, &Routing::toTag, 10000u, 100u),
        hotPath("route-to-two-tags-200-of-10000", 1000, &Routing::toTwoTags, 10000u, 100u),
        hotPath("route-to-all-10000", 50, &Routing::toAll, 10000u, 100u),
        hotPath("route-reconnect-10000", 2000, &Routing::reconnect, 10000u, 100u),
        hotPath("message-64", 1000, &Messages::parse, 64u),
        hotPath("message-512", 1000, &Messages::parse, 512u),
        hotPath("message-65536", 50, &Messages::parse, 65536u),
        hotPath("message-batch-100-of-512", 20, &Messages::parseBatch, 512u, 100u),
        hotPath("mailbox-64-messages", 500, &QuietMailbox::passMessages),
        hotPath("mailbox-64-tasks", 500, &QuietMailbox::passTasks),
        hotPath("output-queue-1", 1000, &Output::passOne),
        hotPath("output-queue-64", 500, &Output::passMany),
        hotPath("deadline-rearm-10000", 1000, &Deadlines::rearm, 10000u),
        hotPath("deadline-tick-10000", 450, &Deadlines::tick, 10000u),
    };
}

int run(std::string_view wanted)
{
    for (const HotPath &path : hotPaths()) {
        if (wanted == "--list")
            std::printf("%.*s %d\n", int(path.name.size()), path.name.data(), path.calls);
        if (wanted != path.name)
            continue;
        path.count(path.calls);
        return 0;
    }
    if (wanted == "--list")
        return 0;
    std::fprintf(stderr, "count_instructions: no hot path '%.*s'; --list names them\n", int(wanted.size()),
                 wanted.data());
    return 2;
}

} // namespace
} // namespace mws::micro

int main(int argc, char **argv)
{
    return mws::micro::run(argc == 2 ? argv[1] : "");
}
