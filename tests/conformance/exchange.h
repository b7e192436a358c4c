#pragma once

#include "support/raw_connection.h"

#include <string>
#include <vector>

namespace mws::test {

/// What one connection sends.
struct Script
{
    std::vector<std::string> pieces; ///< each in a segment of its own
    bool awaitAnswer = false;        ///< the second piece waits until the head of an answer has come
    bool halfCloses = false;         ///< FIN follows the last piece
};

/// What one connection heard.
struct Heard
{
    std::string bytes;
    bool ended = false; ///< the server closed within the deadline
};

/// Plays all scripts at once, in rounds: every connection sends its first piece, then every one its second,
/// so that the server has mostly read a piece when the next one comes. Then hears each until its end.
std::vector<Heard> playScripts(const Endpoint &endpoint, const std::vector<Script> &scripts);

/// The pieces of `bytes`, each of one byte; longer ones if there would be more than `most`.
std::vector<std::string> bytewise(std::string_view bytes, size_t most = 20000);

} // namespace mws::test
