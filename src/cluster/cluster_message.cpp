#include "cluster/cluster_message.h"

#include <cstdint>

namespace mws {

namespace {

/// The first byte: format 1. A node that does not know a format skips the entry; see docs/cluster.md
/// "Upgrades".
constexpr char format = 1;

enum Flag : uint8_t { Binary = 1, Everyone = 2, Lives = 4 };
constexpr uint8_t knownFlags = Binary | Everyone | Lives;

constexpr uint64_t longestTtl = uint64_t(1) << 40; // ms, 34 years

/// LEB128: seven bits a byte, the lowest first.
void putNumber(std::string &out, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        out.push_back(char(number | 0x80));
    out.push_back(char(number));
}

void putTexts(std::string &out, const std::vector<std::string> &texts)
{
    putNumber(out, texts.size());
    for (const std::string &text : texts) {
        putNumber(out, text.size());
        out += text;
    }
}

class Reader
{
public:
    explicit Reader(std::string_view bytes) : m_rest(bytes) {}

    std::optional<uint8_t> byte()
    {
        if (m_rest.empty())
            return std::nullopt;
        const auto value = uint8_t(m_rest.front());
        m_rest.remove_prefix(1);
        return value;
    }
    std::optional<uint64_t> number()
    {
        uint64_t value = 0;
        for (unsigned shift = 0; shift < 63; shift += 7) {
            const auto next = byte();
            if (!next)
                return std::nullopt;
            value |= uint64_t(*next & 0x7f) << shift;
            if (*next < 0x80)
                return value;
        }
        return std::nullopt;
    }
    bool texts(std::vector<std::string> &out)
    {
        const auto count = number();
        if (!count || *count > m_rest.size()) // each takes a byte at least
            return false;
        for (uint64_t i = 0; i < *count; ++i) {
            const auto length = number();
            if (!length || *length > m_rest.size())
                return false;
            out.emplace_back(m_rest.substr(0, size_t(*length)));
            m_rest.remove_prefix(size_t(*length));
        }
        return true;
    }
    std::string_view rest() const { return m_rest; }

private:
    std::string_view m_rest;
};

} // namespace

std::string encode(const ClusterMessage &message)
{
    std::string out;
    out.reserve(message.payload.size() + 64);
    out.push_back(format);
    out.push_back(char((message.type == PayloadType::Binary ? Binary : 0) |
                       (message.receivers.everyone ? Everyone : 0) | (message.ttl ? Lives : 0)));
    putTexts(out, message.receivers.sockets);
    putTexts(out, message.receivers.tags);
    putTexts(out, message.receivers.excluded);
    if (message.ttl)
        putNumber(out, uint64_t(message.ttl->count()));
    out += message.payload;
    return out;
}

std::optional<ClusterMessage> decodeClusterMessage(std::string_view bytes)
{
    Reader reader(bytes);
    const auto version = reader.byte();
    const auto flags = reader.byte();
    if (!version || char(*version) != format || !flags || (*flags & ~knownFlags) != 0)
        return std::nullopt;
    ClusterMessage message;
    message.type = *flags & Binary ? PayloadType::Binary : PayloadType::Text;
    message.receivers.everyone = (*flags & Everyone) != 0;
    if (!reader.texts(message.receivers.sockets) || !reader.texts(message.receivers.tags) ||
        !reader.texts(message.receivers.excluded))
        return std::nullopt;
    if (*flags & Lives) {
        const auto milliseconds = reader.number();
        if (!milliseconds || *milliseconds > longestTtl)
            return std::nullopt;
        message.ttl = std::chrono::milliseconds(int64_t(*milliseconds));
    }
    message.payload = reader.rest();
    return message;
}

} // namespace mws
