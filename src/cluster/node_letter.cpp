#include "cluster/node_letter.h"

#include "cluster/wire.h"

#include <algorithm>

namespace mws {

namespace {

/// The first byte: format 1. A node that does not know a format leaves the letter unanswered.
constexpr uint8_t format = 1;
constexpr size_t longestNodeId = 64;
constexpr uint64_t longestPatience = uint64_t(1) << 31; // ms

bool isNodeId(std::string_view text)
{
    return !text.empty() && text.size() <= longestNodeId && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
}

std::optional<NodeLetter::Kind> kindOf(std::optional<uint8_t> byte)
{
    if (!byte || *byte < uint8_t(NodeLetter::Kind::Request) || *byte > uint8_t(NodeLetter::Kind::Refusal))
        return std::nullopt;
    return NodeLetter::Kind(*byte);
}

} // namespace

std::string encode(const NodeLetter &letter)
{
    std::string out;
    out.reserve(letter.body.size() + letter.from.size() + 32);
    out.push_back(char(format));
    out.push_back(char(letter.kind));
    putNumber(out, letter.number);
    putText(out, letter.from);
    if (letter.kind == NodeLetter::Kind::Request)
        putNumber(out, uint64_t(letter.patience.count()));
    out += letter.body;
    return out;
}

std::optional<NodeLetter> decodeNodeLetter(std::string_view bytes)
{
    WireReader reader(bytes);
    if (reader.byte() != format)
        return std::nullopt;
    const auto kind = kindOf(reader.byte());
    const auto number = reader.number();
    const auto from = reader.text();
    if (!kind || !number || !from || !isNodeId(*from))
        return std::nullopt;
    NodeLetter letter{*kind, *number, NodeId(*from), {}, {}};
    if (*kind == NodeLetter::Kind::Request) {
        const auto patience = reader.number();
        if (!patience || *patience > longestPatience)
            return std::nullopt;
        letter.patience = std::chrono::milliseconds(int64_t(*patience));
    }
    if (*kind == NodeLetter::Kind::Refusal && !reader.rest().empty())
        return std::nullopt;
    letter.body = reader.rest();
    return letter;
}

} // namespace mws
