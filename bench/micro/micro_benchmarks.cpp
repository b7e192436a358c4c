// Google Benchmark over the hot paths; `./dev micro` builds and runs it.

#include "hot_paths.h"

#include <benchmark/benchmark.h>

namespace mws::micro {
namespace {

using benchmark::State;

/// Calls `path` as often as the library wants; bytes and items are what one call handles.
template <typename Path>
void measure(State &state, Path path, size_t bytes = 0, size_t items = 0)
{
    for (auto _ : state)
        path();
    if (bytes > 0)
        state.SetBytesProcessed(int64_t(state.iterations() * bytes));
    if (items > 0)
        state.SetItemsProcessed(int64_t(state.iterations() * items));
}

size_t argument(const State &state, size_t index = 0)
{
    return size_t(state.range(index));
}

void requestHead(State &state, RequestHeads::Kind kind)
{
    RequestHeads heads(kind);
    measure(
        state, [&] { heads.parse(); }, heads.bytes());
}
BENCHMARK_CAPTURE(requestHead, small, RequestHeads::Kind::Small);
BENCHMARK_CAPTURE(requestHead, typical, RequestHeads::Kind::Typical);
BENCHMARK_CAPTURE(requestHead, browser, RequestHeads::Kind::Browser);

void clientFrame(State &state, Opcode opcode)
{
    ClientFrames frames(opcode, argument(state));
    measure(
        state, [&] { frames.parse(); }, frames.bytes());
}
BENCHMARK_CAPTURE(clientFrame, text, Opcode::Text)->Arg(100)->Arg(4096)->Arg(65536);
BENCHMARK_CAPTURE(clientFrame, binary, Opcode::Binary)->Arg(100)->Arg(4096)->Arg(65536);

void serverFrame(State &state)
{
    ServerFrames frames(argument(state));
    measure(
        state, [&] { frames.make(); }, frames.bytes());
}
BENCHMARK(serverFrame)->Arg(100)->Arg(512)->Arg(65536);

void token(State &state, void (TokenChecks::*path)())
{
    TokenChecks checks;
    measure(state, [&] { (checks.*path)(); });
}
BENCHMARK_CAPTURE(token, sign, &TokenChecks::sign);
BENCHMARK_CAPTURE(token, verify, &TokenChecks::verify);
BENCHMARK_CAPTURE(token, readGateway, &TokenChecks::readGateway);
BENCHMARK_CAPTURE(token, spend, &TokenChecks::spend);

/// 1 to 100,000 sockets, 1 to 1,000 tags, but never more tags than sockets.
void eachIndex(benchmark::internal::Benchmark *one)
{
    one->ArgNames({"sockets", "tags"});
    for (int64_t sockets = 1; sockets <= 100000; sockets *= 10)
        for (int64_t tags = 1; tags <= std::min<int64_t>(sockets, 1000); tags *= 10)
            one->Args({sockets, tags});
}

/// Time per call, and as items the sockets that were reached.
void route(State &state, size_t (Routing::*path)())
{
    Routing routing(argument(state, 0), argument(state, 1));
    size_t reached = 0;
    measure(state, [&] { reached += (routing.*path)(); });
    state.SetItemsProcessed(int64_t(reached));
}
BENCHMARK_CAPTURE(route, toSocket, &Routing::toSocket)->Apply(eachIndex);
BENCHMARK_CAPTURE(route, toTag, &Routing::toTag)->Apply(eachIndex);
BENCHMARK_CAPTURE(route, toTwoTags, &Routing::toTwoTags)->Apply(eachIndex);
BENCHMARK_CAPTURE(route, toAll, &Routing::toAll)->Apply(eachIndex);

void reconnect(State &state)
{
    Routing routing(argument(state, 0), argument(state, 1));
    measure(state, [&] { routing.reconnect(); });
}
BENCHMARK(reconnect)->Apply(eachIndex);

void message(State &state)
{
    Messages messages(argument(state));
    measure(
        state, [&] { messages.parse(); }, messages.bytes());
}
BENCHMARK(message)->Arg(64)->Arg(512)->Arg(4096)->Arg(65536);

void messageBatch(State &state)
{
    Messages messages(argument(state), 100);
    measure(
        state, [&] { messages.parseBatch(); }, messages.batchBytes(), 100);
}
BENCHMARK(messageBatch)->Arg(64)->Arg(512);

void quietMailbox(State &state, void (QuietMailbox::*path)())
{
    QuietMailbox mailbox;
    measure(
        state, [&] { (mailbox.*path)(); }, 0, QuietMailbox::letters);
}
BENCHMARK_CAPTURE(quietMailbox, messages, &QuietMailbox::passMessages);
BENCHMARK_CAPTURE(quietMailbox, tasks, &QuietMailbox::passTasks);

void busyMailbox(State &state)
{
    const size_t senders = argument(state);
    BusyMailbox mailbox(senders);
    measure(
        state, [&] { mailbox.passAll(); }, 0, senders * BusyMailbox::lettersPerSender);
}
BENCHMARK(busyMailbox)->ArgName("senders")->Arg(1)->Arg(2)->Arg(4)->UseRealTime();

void outputQueue(State &state, void (Output::*path)(), size_t frames)
{
    Output output;
    measure(
        state, [&] { (output.*path)(); }, 0, frames);
}
BENCHMARK_CAPTURE(outputQueue, one, &Output::passOne, 1);
BENCHMARK_CAPTURE(outputQueue, many, &Output::passMany, 64);

void deadlineRearm(State &state)
{
    Deadlines deadlines(argument(state));
    measure(state, [&] { deadlines.rearm(); });
}
BENCHMARK(deadlineRearm)->Arg(1000)->Arg(100000);

void deadlineTick(State &state)
{
    Deadlines deadlines(argument(state));
    measure(
        state, [&] { deadlines.tick(); }, 0, deadlines.duePerTick());
}
BENCHMARK(deadlineTick)->Arg(1000)->Arg(100000);

} // namespace
} // namespace mws::micro

BENCHMARK_MAIN();
