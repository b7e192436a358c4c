#pragma once

#include "cluster/node_id.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mws {

/// What nodes write each other for a call.
struct NodeLetter
{
    enum class Kind : uint8_t {
        Request = 1,
        Answer = 2,
        Refusal = 3, ///< it was asked, and will not answer
    };
    Kind kind = Kind::Request;
    uint64_t number = 0; ///< of the call: the asker's, who counts up
    NodeId from;
    std::chrono::milliseconds patience{0}; ///< of the asker, from the letter's sending; only of a request
    std::string body;                      ///< none of a refusal
    friend bool operator==(const NodeLetter &, const NodeLetter &) = default;
};

/// As bytes.
std::string encode(const NodeLetter &letter);

/// Nothing if `bytes` are not what encode() makes, or `from` is no node's id (1 to 64 letters and digits).
/// Takes no more memory than `bytes` have.
std::optional<NodeLetter> decodeNodeLetter(std::string_view bytes);

} // namespace mws
