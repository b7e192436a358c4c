#include "fuzz/reference_json.h"

#include "fuzz/reference_utf8.h"

#include <algorithm>
#include <cstdint>

namespace mws::test {

namespace {

constexpr int deepest = 200;

class Reader
{
public:
    explicit Reader(std::string_view text) : m_text(text) {}

    JsonReading read()
    {
        space();
        m_reading.object = peek() == '{';
        const bool valid = value(0);
        space();
        m_reading.valid = valid && m_at == m_text.size() && readUtf8(m_text).valid();
        return m_reading;
    }

private:
    int peek() const { return m_at < m_text.size() ? static_cast<uint8_t>(m_text[m_at]) : -1; }

    bool take(char c)
    {
        const bool there = peek() == c;
        m_at += there ? 1 : 0;
        return there;
    }

    bool word(std::string_view wanted)
    {
        const bool there = m_text.substr(m_at, wanted.size()) == wanted;
        m_at += there ? wanted.size() : 0;
        return there;
    }

    void space()
    {
        while (take(' ') || take('\t') || take('\r') || take('\n')) {
        }
    }

    bool value(int depth)
    {
        if (peek() == '{' || peek() == '[') {
            m_reading.depth = std::max(m_reading.depth, depth + 1);
            return depth < deepest && (peek() == '{' ? object(depth + 1) : array(depth + 1));
        }
        if (peek() == '"')
            return string();
        return word("true") || word("false") || word("null") || number();
    }

    bool object(int depth)
    {
        take('{');
        space();
        if (take('}'))
            return true;
        do {
            space();
            if (!key())
                return false;
            space();
            if (!take(':'))
                return false;
            space();
            if (!value(depth))
                return false;
            space();
        } while (take(','));
        return take('}');
    }

    bool array(int depth)
    {
        take('[');
        space();
        if (take(']'))
            return true;
        do {
            space();
            if (!value(depth))
                return false;
            space();
        } while (take(','));
        return take(']');
    }

    /// A NUL in a name is JSON, but jansson takes it in values only.
    bool key()
    {
        const size_t begin = m_at;
        if (!string())
            return false;
        for (size_t at = begin; at < m_at; ++at) {
            if (m_text[at] != '\\')
                continue;
            ++at;
            m_reading.plain = m_reading.plain && m_text.substr(at, 5) != "u0000";
        }
        return true;
    }

    bool string()
    {
        if (!take('"'))
            return false;
        while (!take('"')) {
            if (take('\\')) {
                if (!escape())
                    return false;
            } else if (peek() < 0x20) { // also the end of the text
                return false;
            } else {
                ++m_at;
            }
        }
        return true;
    }

    /// A surrogate has to have its other half: there is no UTF-8 for one alone.
    bool escape()
    {
        if (!take('u')) {
            const bool known =
                peek() >= 0 && std::string_view("\"\\/bfnrt").find(char(peek())) != std::string_view::npos;
            ++m_at;
            return known;
        }
        const int first = hex();
        if (first < 0 || (first >= 0xDC00 && first <= 0xDFFF))
            return false;
        if (first < 0xD800 || first > 0xDBFF)
            return true;
        if (!word("\\u"))
            return false;
        const int second = hex();
        return second >= 0xDC00 && second <= 0xDFFF;
    }

    int hex()
    {
        int number = 0;
        for (int i = 0; i < 4; ++i, ++m_at) {
            const int c = peek();
            const int digit = c >= '0' && c <= '9'   ? c - '0'
                              : c >= 'a' && c <= 'f' ? c - 'a' + 10
                              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                     : -1;
            if (digit < 0)
                return -1;
            number = number * 16 + digit;
        }
        return number;
    }

    size_t digits()
    {
        const size_t begin = m_at;
        while (peek() >= '0' && peek() <= '9')
            ++m_at;
        return m_at - begin;
    }

    bool number()
    {
        take('-');
        size_t count = 1;
        if (!take('0'))
            count = digits();
        if (count == 0)
            return false;
        m_reading.plain = m_reading.plain && count <= 15;
        if (take('.') && digits() == 0)
            return false;
        if (take('e') || take('E')) {
            if (!take('+'))
                take('-');
            m_reading.plain = false;
            return digits() > 0;
        }
        return true;
    }

    std::string_view m_text;
    size_t m_at = 0;
    JsonReading m_reading;
};

} // namespace

JsonReading readJson(std::string_view text)
{
    return Reader(text).read();
}

} // namespace mws::test
