#include "cluster/gateway_fields.h"

#include "base/number_text.h"

#include <array>
#include <string_view>

namespace mws {

namespace {

constexpr std::string_view formatVersion = "1";
constexpr std::string_view gatewayPrefix = "g:";
constexpr size_t longestWord = 64;

Unexpected refused(std::string reason)
{
    return Unexpected(ErrorCode::Internal, std::move(reason));
}

std::string_view cutWord(std::string_view &text)
{
    const size_t end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
    return word;
}

bool isWord(std::string_view word)
{
    return word.size() <= longestWord && isGatewayId(word); // letters and digits, not empty
}

Result<SharedGatewayState> parseHead(std::string_view text)
{
    if (const std::string_view format = cutWord(text); format != formatVersion)
        return refused("they were written by another version of the gateway, in a format that this one does "
                       "not know");
    SharedGatewayState state;
    state.epoch = cutWord(text);
    const auto version = numberOf<uint64_t>(cutWord(text));
    state.nonce = cutWord(text);
    const auto floor = numberOf<uint64_t>(cutWord(text));
    if (!isWord(state.epoch) || !version || !isWord(state.nonce) || !floor || (text != "0" && text != "1"))
        return refused("their head makes no sense");
    state.version = *version;
    state.floor = *floor;
    state.fresh = text == "1";
    return state;
}

} // namespace

std::string headOf(const SharedGatewayState &state)
{
    std::string head(formatVersion);
    for (const std::string &word : {state.epoch, std::to_string(state.version), state.nonce,
                                    std::to_string(state.floor), std::string(state.fresh ? "1" : "0")})
        head.append(" ").append(word);
    return head;
}

std::string fieldOf(const GatewayId &gateway)
{
    return std::string(gatewayPrefix) + gateway;
}

std::string textOf(const SharedGateway &gateway)
{
    return std::to_string(gateway.version) + ' ' + gateway.json;
}

GatewayFields fieldsOf(const SharedGatewayState &state)
{
    GatewayFields fields{{headField, headOf(state)}};
    for (const auto &[id, gateway] : state.gateways)
        fields.emplace(fieldOf(id), textOf(gateway));
    return fields;
}

Result<SharedGatewayState> parseGatewayFields(const GatewayFields &fields, const SharedGatewayLimits &limits)
{
    const auto head = fields.find(headField);
    if (head == fields.end())
        return refused("they have no head");
    auto state = parseHead(head->second);
    if (!state)
        return state;
    for (const auto &[name, text] : fields) {
        if (name == headField)
            continue;
        const std::string_view id = std::string_view(name).substr(
            std::string_view(name).starts_with(gatewayPrefix) ? gatewayPrefix.size() : name.size());
        if (!isGatewayId(id))
            return refused("one of their fields is none of this version's");
        std::string_view json = text;
        const auto version = numberOf<uint64_t>(cutWord(json));
        if (!version || *version > state->version)
            return refused("gateway " + std::string(id) + " has no version that fits");
        state->gateways.emplace(id, SharedGateway{*version, std::string(json)});
    }
    if (const auto fits = checkLimits(*state, limits); !fits)
        return refused(fits.error().detail);
    return state;
}

Result<void> checkLimits(const SharedGatewayState &state, const SharedGatewayLimits &limits)
{
    size_t count = 0;
    size_t bytes = 0;
    for (const auto &[id, gateway] : state.gateways) {
        count += gateway.json.empty() ? 0 : 1;
        bytes += gateway.json.size();
        if (gateway.json.size() > limits.gatewayBytes)
            return Unexpected(ErrorCode::PayloadTooLarge,
                              "The configuration of gateway " + id + " is too large for the cluster");
    }
    if (count > limits.gateways)
        return Unexpected(ErrorCode::Unavailable, "The cluster has as many gateways as it may have");
    if (bytes > limits.bytes)
        return Unexpected(ErrorCode::PayloadTooLarge,
                          "The configurations of all gateways are too large for the cluster");
    return {};
}

} // namespace mws
