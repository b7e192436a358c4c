#include "fuzz/fuzz_input.h"
#include "protocol/chunked_decoder.h"

#include <string>

using namespace mws;
using namespace mws::test;

namespace {

using Status = ChunkedDecoder::Status;
constexpr size_t bodyLimit = 500;

struct Decoded
{
    Status status = Status::NeedMore;
    std::string body;
    size_t consumed = 0;
    Error error;
    friend bool operator==(const Decoded &, const Decoded &) = default;
};

Decoded decode(const std::vector<std::string_view> &pieces)
{
    ChunkedDecoder decoder(bodyLimit);
    Decoded decoded;
    for (const std::string_view piece : pieces) {
        size_t consumed = 0;
        decoded.status = decoder.feed(piece, decoded.body, consumed);
        require(consumed <= piece.size());
        decoded.consumed += consumed;
        if (decoded.status != Status::NeedMore)
            break;
        require(consumed == piece.size());
    }
    decoded.error = decoder.error();
    return decoded;
}

/// RFC 9112 §7.1 by its grammar, over a text that is all there.
class Reference
{
public:
    explicit Reference(std::string_view text) : m_text(text) {}

    Decoded read()
    {
        while (m_status == Status::NeedMore && !m_ended) {
            const uint64_t size = chunkHead();
            if (!going())
                break;
            if (size == 0) {
                trailers();
                break;
            }
            const std::string_view data = m_text.substr(m_at, size_t(size));
            m_body.append(data);
            m_at += data.size();
            m_ended = data.size() < size;
            literal("\r\n");
        }
        return {m_status, m_body, m_at, {}};
    }

private:
    bool going() const { return m_status == Status::NeedMore && !m_ended; }

    /// The next character; 0 and no longer going() at the end.
    char next()
    {
        if (!going() || m_at == m_text.size()) {
            m_ended = true;
            return 0;
        }
        return m_text[m_at++];
    }

    void refuse()
    {
        if (going())
            m_status = Status::Refused;
    }

    void literal(std::string_view wanted)
    {
        for (const char c : wanted) {
            if (next() != c)
                return refuse();
        }
    }

    static int digitOf(char c)
    {
        const size_t at = std::string_view("0123456789abcdefABCDEF").find(c);
        return at == std::string_view::npos ? -1 : int(at < 16 ? at : at - 6);
    }

    static bool printable(char c)
    {
        const auto byte = static_cast<uint8_t>(c);
        return c == '\t' || (byte >= 0x20 && byte != 0x7F);
    }

    uint64_t chunkHead()
    {
        uint64_t size = 0;
        size_t digits = 0;
        char c = next();
        for (; going() && digitOf(c) >= 0; c = next()) {
            size = size * 16 + uint64_t(digitOf(c));
            if (++digits > 16)
                refuse();
        }
        if (digits == 0 || (c != '\r' && c != ';') || size > bodyLimit - m_body.size())
            refuse();
        if (c == ';') {
            size_t length = 0;
            for (c = next(); going() && c != '\r'; c = next()) {
                if (!printable(c) || ++length > 256)
                    refuse();
            }
        }
        literal("\n");
        return size;
    }

    void trailers()
    {
        constexpr std::string_view tokenMarks = "!#$%&'*+-.^_`|~";
        const size_t begin = m_at;
        const auto step = [&](bool allowed) {
            if (!allowed || m_at - begin > 4096)
                refuse();
        };
        while (going()) {
            char c = next();
            if (c == '\r' && going()) {
                literal("\n");
                if (going())
                    m_status = Status::Complete;
                return;
            }
            const auto isTokenChar = [&] {
                return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       tokenMarks.find(c) != std::string_view::npos;
            };
            step(isTokenChar());
            for (c = next(); going() && c != ':'; c = next())
                step(isTokenChar());
            step(true);
            for (c = next(); going() && c != '\r'; c = next())
                step(printable(c));
            step(true);
            c = next();
            step(c == '\n');
        }
    }

    std::string_view m_text;
    size_t m_at = 0;
    bool m_ended = false;
    Status m_status = Status::NeedMore;
    std::string m_body;
};

} // namespace

/// However it is split, the body is what a plain decoder makes of it, and ends at the same byte.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const FuzzInput input(data, size);
    if (input.bytes().empty())
        return 0;
    const Decoded whole = decode({input.bytes()});
    const Decoded expected = Reference(input.bytes()).read();
    require(whole == decode(input.pieces()));
    require(whole.status == expected.status && whole.body == expected.body);
    require(whole.consumed == expected.consumed && whole.body.size() <= bodyLimit);
    return 0;
}
