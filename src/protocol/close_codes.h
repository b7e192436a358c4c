#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mws {

/// Who sends a close code.
enum class CloseSender : uint8_t {
    Gateway, ///< the gateway, by itself or as its backend says
    Backend, ///< the gateway, where its backend asks for it with DELETE
    Client,  ///< clients only
    Nobody,  ///< never on the wire: what libraries say when there was no code
};

/// One row of the table of close codes (RFC 6455 §7.4, IANA's registry): one code or a range of them.
struct CloseCodeInfo
{
    uint16_t first;
    uint16_t last;
    CloseSender sender;
    bool backendMayAsk;      ///< DELETE sockets takes it as `code`
    std::string_view name;   ///< IANA's
    std::string_view when;   ///< for docs/reference/close-codes.md
    std::string_view client; ///< likewise: what a client should do
};

/// All rows, by code; no code is in two of them.
std::span<const CloseCodeInfo> closeCodeTable();

/// The row of `code`; none: nobody may use it.
const CloseCodeInfo *closeCodeInfo(uint64_t code);

/// True for a code that may stand in a Close frame.
bool isWireCloseCode(uint16_t code);
/// True for a code that a backend may close a socket with.
bool isBackendCloseCode(uint64_t code);

} // namespace mws
