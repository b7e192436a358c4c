#include "mws/domain/identifiers.h"

#include "mws/base/random.h"

#include <algorithm>

namespace mws {

namespace {

bool isAlphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

} // namespace

bool isGatewayId(std::string_view text)
{
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return isAlphanumeric(c) || c == '_' || c == '-';
    });
}

SocketId SocketId::random()
{
    SocketId id;
    const std::string text = randomAlphanumeric(length);
    std::copy(text.begin(), text.end(), id.m_text.begin());
    return id;
}

std::optional<SocketId> SocketId::parse(std::string_view text)
{
    if (text.size() != length || !std::all_of(text.begin(), text.end(), isAlphanumeric))
        return std::nullopt;
    SocketId id;
    std::copy(text.begin(), text.end(), id.m_text.begin());
    return id;
}

} // namespace mws
