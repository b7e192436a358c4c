#include "support/json_view.h"

#include <simdjson.h>

namespace mws::test {

namespace {

/// Calls `use` with the element at `pointer`, if there is one.
template <typename Use>
void withElement(const std::string &text, std::string_view pointer, Use use)
{
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    simdjson::dom::element found;
    if (parser.parse(text).get(root) != simdjson::SUCCESS)
        return;
    if (root.at_pointer(pointer).get(found) == simdjson::SUCCESS)
        use(found);
}

} // namespace

bool JsonView::isValid() const
{
    bool valid = false;
    withElement(m_text, {}, [&](simdjson::dom::element) { valid = true; });
    return valid;
}

std::vector<std::string> JsonView::keys(std::string_view pointer) const
{
    std::vector<std::string> result;
    withElement(m_text, pointer, [&](simdjson::dom::element element) {
        simdjson::dom::object object;
        if (element.get(object) == simdjson::SUCCESS)
            for (const auto field : object)
                result.emplace_back(field.key);
    });
    return result;
}

std::string JsonView::string(std::string_view pointer) const
{
    std::string_view result;
    std::string copy;
    withElement(m_text, pointer, [&](simdjson::dom::element element) {
        if (element.get(result) == simdjson::SUCCESS)
            copy = result;
    });
    return copy;
}

std::vector<std::string> JsonView::strings(std::string_view pointer) const
{
    std::vector<std::string> result;
    withElement(m_text, pointer, [&](simdjson::dom::element element) {
        simdjson::dom::array array;
        std::string_view text;
        if (element.get(array) == simdjson::SUCCESS)
            for (const auto item : array)
                if (item.get(text) == simdjson::SUCCESS)
                    result.emplace_back(text);
    });
    return result;
}

int64_t JsonView::integer(std::string_view pointer) const
{
    int64_t result = -1;
    withElement(m_text, pointer, [&](simdjson::dom::element element) {
        int64_t number = 0;
        if (element.get(number) == simdjson::SUCCESS)
            result = number;
    });
    return result;
}

int JsonView::size(std::string_view pointer) const
{
    int result = -1;
    withElement(m_text, pointer, [&](simdjson::dom::element element) {
        simdjson::dom::array array;
        if (element.get(array) == simdjson::SUCCESS)
            result = int(array.size());
    });
    return result;
}

std::string JsonView::text(std::string_view pointer) const
{
    std::string result;
    withElement(m_text, pointer, [&](simdjson::dom::element element) { result = simdjson::minify(element); });
    return result;
}

std::string jsonString(std::string_view text)
{
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            result += '\\';
        if (uint8_t(c) < 0x20) {
            constexpr char digits[] = "0123456789abcdef";
            result += std::string("\\u00") + digits[c >> 4] + digits[c & 15];
        } else {
            result += c;
        }
    }
    return result + '"';
}

} // namespace mws::test
