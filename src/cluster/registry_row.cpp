#include "cluster/registry_row.h"

#include "cluster/wire.h"

#include <utility>

namespace mws {

namespace {

constexpr char format = 1;
constexpr size_t timeBytes = 6; // of milliseconds: until the year 10889

void putTime(std::string &out, WallTime time)
{
    const uint64_t number = millisecondsOf(time);
    for (size_t i = timeBytes; i-- > 0;)
        out.push_back(char(number >> (8 * i)));
}

std::optional<WallTime> takeTime(WireReader &reader)
{
    uint64_t number = 0;
    for (size_t i = 0; i < timeBytes; ++i) {
        const auto byte = reader.byte();
        if (!byte)
            return std::nullopt;
        number = number << 8 | *byte;
    }
    return wallTimeOf(number);
}

constexpr size_t longestNumber = 9; // bytes that putNumber() takes at most for what is below 2^63

} // namespace

std::string encodeRegistryRow(const RegisteredSocket &socket)
{
    std::string out;
    out.push_back(format);
    putTime(out, socket.connectedAt);
    putTime(out, socket.issuedAt);
    putText(out, std::string_view(socket.user).substr(0, longestRegistryRow / 4));
    putText(out, std::string_view(socket.remote).substr(0, longestRegistryRow / 4));
    size_t size = out.size() + longestNumber;
    size_t count = 0;
    while (count < socket.tags.size() &&
           size + socket.tags[count].size() + longestNumber <= longestRegistryRow)
        size += socket.tags[count++].size() + longestNumber;
    putNumber(out, count);
    for (size_t i = 0; i < count; ++i)
        putText(out, socket.tags[i]);
    return out;
}

std::optional<RegisteredSocket> decodeRegistryRow(const SocketId &id, std::string_view body)
{
    WireReader reader(body);
    const auto version = reader.byte();
    if (!version || char(*version) != format || body.size() > longestRegistryRow)
        return std::nullopt;
    const auto connectedAt = takeTime(reader);
    const auto issuedAt = takeTime(reader);
    const auto user = reader.text();
    const auto remote = reader.text();
    auto tags = reader.texts();
    if (!connectedAt || !issuedAt || !user || !remote || !tags || !reader.atEnd())
        return std::nullopt;
    return RegisteredSocket{
        id, *connectedAt, *issuedAt, *std::move(tags), std::string(*user), std::string(*remote)};
}

std::string registryRowTag(const Tag &tag)
{
    std::string text;
    putText(text, tag);
    return text;
}

} // namespace mws
