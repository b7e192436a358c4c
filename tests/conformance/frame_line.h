#pragma once

#include "support/raw_web_socket.h"

#include <optional>
#include <string>
#include <string_view>

namespace mws::test {

/// A frame of the corpus: what it is, and its bytes, which need not agree with RFC 6455.
struct FrameLine
{
    WireFrame frame;
    std::string bytes;
};

/// `OPCODE[,FLAG…] PAYLOAD`: an opcode is `text`, `binary`, `continuation`, `close`, `ping`, `pong` or a
/// number; flags are `more` (FIN is 0), `bare` (no mask), `rsv=1` to `rsv=7`, `code=N` (the payload begins
/// with that close code), `form=16` and `form=64` (the length in that many bits), `says=N` (the length that
/// is announced), `key=HHHHHHHH`. Nothing if it is malformed.
std::optional<FrameLine> parseFrameLine(std::string_view text);

} // namespace mws::test
