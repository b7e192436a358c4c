#include "protocol/close_codes.h"

#include "protocol/frame.h"

#include <algorithm>
#include <array>

namespace mws {

namespace {

constexpr CloseCodeInfo one(uint16_t code, CloseSender sender, bool backendMayAsk, std::string_view name,
                            std::string_view when, std::string_view client)
{
    return {code, code, sender, backendMayAsk, name, when, client};
}

constexpr CloseCodeInfo ours(CloseCode code, bool backendMayAsk, std::string_view name, std::string_view when,
                             std::string_view client)
{
    return one(uint16_t(code), CloseSender::Gateway, backendMayAsk, name, when, client);
}

constexpr CloseCodeInfo silent(CloseCode code, std::string_view name, std::string_view when,
                               std::string_view client)
{
    return one(uint16_t(code), CloseSender::Nobody, false, name, when, client);
}

using enum CloseSender;
constexpr std::array table{
    ours(CloseCode::Normal, true, "normal closure",
         "The backend closed the socket (`DELETE sockets/{id}`), or this answers the client's own close",
         "Stops"),
    ours(CloseCode::GoingAway, true, "going away",
         "The gateway stops, or this gateway was deleted; what was accepted for the socket before has come",
         "Reconnects with back-off"),
    ours(CloseCode::ProtocolError, false, "protocol error",
         "The client sent a frame that RFC 6455 does not allow, such as an unmasked one",
         "Is to be mended; reconnects with back-off"),
    ours(CloseCode::UnsupportedData, false, "unsupported data",
         "What the client sent is not taken; this version does not send it",
         "Is to be mended; reconnects with back-off"),
    silent(CloseCode::NoStatus, "no status", "The other side's Close had no code",
           "Reconnects with back-off"),
    silent(CloseCode::Abnormal, "abnormal closure",
           "The connection was lost without a Close, or never opened", "Reconnects with back-off"),
    ours(CloseCode::InvalidPayload, false, "invalid payload", "The client sent text that is not UTF-8",
         "Is to be mended; reconnects with back-off"),
    ours(CloseCode::PolicyViolation, true, "policy violation",
         "Revoked by the backend (by tag, user or age); its socket id was opened again; or the client sent "
         "too "
         "many control frames, fragments, unfinished bytes or messages (`clientMessagesPerSecond`)",
         "Asks for a new URI with back-off; 401 or 403 there means that it may not come back"),
    ours(CloseCode::MessageTooBig, false, "message too big",
         "The client sent a message over `limits.clientMessageBytes`", "Sends less; reconnects"),
    one(1010, Client, false, "mandatory extension",
        "A client insists on an extension; the gateway has none and never sends it", "Is to do without"),
    ours(CloseCode::InternalError, true, "internal error", "A fault of the gateway",
         "Reconnects with back-off"),
    ours(CloseCode::ServiceRestart, true, "service restart",
         "This node of a cluster missed messages, such as while Redis was away for too long",
         "Reconnects with back-off; fetches its state anew"),
    ours(CloseCode::TryAgainLater, true, "try again later",
         "The client reads too slowly: its queue was full, or it took nothing for `slow_reader_timeout`; or "
         "what "
         "it relayed could not be handed on",
         "Reconnects with back-off; fetches its state anew"),
    one(1014, Backend, true, "bad gateway", "Only where the backend asks for it", "Reconnects with back-off"),
    CloseCodeInfo{3000, 3999, Backend, true, "registered with IANA", "Only where the backend asks for it",
                  "As agreed with the backend"},
    CloseCodeInfo{
        4000, 4999, Backend, true, "private use", "Only where the backend asks for it",
        "As agreed with the backend; the examples stop, `MwsClient` where `finalCloseCodes` has it"},
};

constexpr bool rowsInOrder()
{
    for (size_t i = 0; i < table.size(); ++i)
        if (table[i].first > table[i].last || (i > 0 && table[i].first <= table[i - 1].last))
            return false;
    return true;
}
static_assert(rowsInOrder(), "each code is in one row, and rows are found by halving");

} // namespace

std::span<const CloseCodeInfo> closeCodeTable()
{
    return table;
}

const CloseCodeInfo *closeCodeInfo(uint64_t code)
{
    const auto *row = std::lower_bound(
        table.begin(), table.end(), code,
        [](const CloseCodeInfo &candidate, uint64_t wanted) { return candidate.last < wanted; });
    return row != table.end() && row->first <= code ? row : nullptr;
}

bool isWireCloseCode(uint16_t code)
{
    const CloseCodeInfo *row = closeCodeInfo(code);
    return row && row->sender != Nobody;
}

bool isBackendCloseCode(uint64_t code)
{
    const CloseCodeInfo *row = closeCodeInfo(code);
    return row && row->backendMayAsk;
}

} // namespace mws
