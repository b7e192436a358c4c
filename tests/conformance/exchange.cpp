#include "conformance/exchange.h"

#include <algorithm>
#include <span>

namespace mws::test {

namespace {

/// So many connections are open at a time.
constexpr size_t batch = 200;
/// Sanitizers are slow, and so is a machine that does other things.
constexpr std::chrono::seconds answerPatience{30};

void play(const Endpoint &endpoint, std::span<const Script> scripts, std::span<Heard> heard)
{
    std::vector<RawConnection> connections;
    size_t rounds = 0;
    for (const Script &script : scripts) {
        connections.emplace_back(endpoint);
        rounds = std::max(rounds, script.pieces.size());
    }
    for (size_t round = 0; round < rounds; ++round) {
        for (size_t i = 0; i < scripts.size(); ++i) {
            if (round == 1 && scripts[i].awaitAnswer)
                heard[i].bytes = connections[i].readUntil("\r\n\r\n", answerPatience);
            if (round < scripts[i].pieces.size())
                connections[i].send(scripts[i].pieces[round]); // who was refused may have left already
        }
    }
    for (size_t i = 0; i < scripts.size(); ++i) {
        if (scripts[i].halfCloses)
            connections[i].shutdownWrite();
    }
    for (size_t i = 0; i < scripts.size(); ++i) {
        heard[i].bytes += connections[i].readToEnd(answerPatience);
        heard[i].ended = connections[i].atEnd();
    }
}

} // namespace

std::vector<Heard> playScripts(const Endpoint &endpoint, const std::vector<Script> &scripts)
{
    std::vector<Heard> heard(scripts.size());
    for (size_t first = 0; first < scripts.size(); first += batch) {
        const size_t count = std::min(batch, scripts.size() - first);
        play(endpoint, std::span(scripts).subspan(first, count), std::span(heard).subspan(first, count));
    }
    return heard;
}

std::vector<std::string> bytewise(std::string_view bytes, size_t most)
{
    const size_t size = bytes.size() / most + 1;
    std::vector<std::string> pieces;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size())))
        pieces.emplace_back(bytes.substr(0, size));
    return pieces;
}

} // namespace mws::test
