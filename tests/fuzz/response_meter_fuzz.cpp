#include "fuzz/fuzz_input.h"
#include "protocol/http_text.h"
#include "protocol/response_meter.h"

#include <optional>
#include <string>

using namespace mws;
using namespace mws::test;

namespace {

struct Metered
{
    size_t taken = 0;
    bool done = false;
    bool untilClose = false;
    int status = 0;
    friend bool operator==(const Metered &, const Metered &) = default;
};

Metered meter(const std::vector<std::string_view> &pieces, bool headOnly)
{
    ResponseMeter meter;
    meter.start(headOnly);
    size_t taken = 0;
    for (const std::string_view piece : pieces) {
        const size_t size = meter.feed(piece);
        require(size <= piece.size() && (size == piece.size() || meter.done()));
        taken += size;
    }
    return {taken, meter.done(), meter.untilClose(), meter.status()};
}

/// RFC 9112 §6.3 over an answer that is all there; heads and lines here are shorter than any limit.
class Reference
{
public:
    Reference(std::string_view bytes, bool headOnly) : m_bytes(bytes), m_headOnly(headOnly) {}

    Metered read()
    {
        while (!m_ended)
            head();
        return m_result;
    }

private:
    void wait() { end(m_bytes.size()); }
    void end(size_t taken)
    {
        m_ended = true;
        m_result.taken = taken;
    }
    void done(size_t taken)
    {
        m_result.done = true;
        end(taken);
    }
    void untilClose()
    {
        m_result.untilClose = true;
        end(m_bytes.size());
    }

    std::optional<std::string_view> line()
    {
        const size_t at = m_bytes.find("\r\n", m_at);
        if (at == m_bytes.npos)
            return std::nullopt;
        const std::string_view found = m_bytes.substr(m_at, at - m_at);
        m_at = at + 2;
        return found;
    }

    static int statusOf(std::string_view line)
    {
        if (line.size() < 12 || line.substr(0, 7) != "HTTP/1." || line[8] != ' ' ||
            line.substr(9, 3).find_first_not_of("0123456789") != line.npos || line[9] == '0')
            return 0;
        return std::stoi(std::string(line.substr(9, 3)));
    }

    void head()
    {
        const size_t end = m_bytes.find("\r\n\r\n", m_at);
        if (end == m_bytes.npos)
            return wait();
        const int status = statusOf(*line());
        std::vector<std::string_view> lengths;
        std::optional<std::string_view> coding;
        while (m_at < end + 2) {
            const std::string_view field = *line();
            const size_t colon = field.find(':');
            const std::string_view value = colon == field.npos ? "" : trimOws(field.substr(colon + 1));
            if (equalsIgnoringCase(field.substr(0, colon), "content-length"))
                lengths.push_back(value);
            if (equalsIgnoringCase(field.substr(0, colon), "transfer-encoding"))
                coding = value;
        }
        m_at = end + 4;
        if (status >= 100 && status < 200 && status != 101)
            return;
        m_result.status = status;
        if (status == 0)
            return untilClose();
        if (m_headOnly || status == 101 || status == 204 || status == 304)
            return done(m_at);
        if (coding)
            return equalsIgnoringCase(*coding, "chunked") ? chunks() : untilClose();
        body(lengths);
    }

    void body(const std::vector<std::string_view> &lengths)
    {
        std::optional<uint64_t> length;
        for (const std::string_view text : lengths) {
            if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != text.npos)
                return untilClose();
            const uint64_t value = std::stoull(std::string(text));
            if (length && value != *length)
                return untilClose();
            length = value;
        }
        if (!length)
            return untilClose();
        return m_bytes.size() - m_at < *length ? wait() : done(m_at + size_t(*length));
    }

    void chunks()
    {
        while (true) {
            const auto head = line();
            if (!head)
                return wait();
            const std::string digits(trimOws(head->substr(0, head->find(';'))));
            if (digits.empty() || digits.size() > 15 ||
                digits.find_first_not_of("0123456789abcdefABCDEF") != digits.npos)
                return untilClose();
            const uint64_t size = std::stoull(digits, nullptr, 16);
            if (size == 0)
                break;
            if (m_bytes.size() - m_at < size + 2)
                return wait();
            m_at += size_t(size) + 2;
        }
        for (auto trailer = line(); trailer; trailer = line()) {
            if (trailer->empty())
                return done(m_at);
        }
        wait();
    }

    std::string_view m_bytes;
    size_t m_at = 0;
    bool m_headOnly;
    bool m_ended = false;
    Metered m_result;
};

} // namespace

/// Where the answer ends is where a plain reader says, however it is split.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const FuzzInput input(data, size);
    const bool headOnly = size % 4 == 0;
    const Metered whole = meter({input.bytes()}, headOnly);
    require(whole == meter(input.pieces(), headOnly));
    require(whole == Reference(input.bytes(), headOnly).read());
    return 0;
}
