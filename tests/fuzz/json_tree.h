#pragma once

#include <jansson.h>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mws::test {

struct JsonRelease
{
    void operator()(json_t *value) const { json_decref(value); }
};

/// jansson's view of a text: another parser than the one under test. Null: it does not take it, or there is a
/// NUL in it, which jansson passes over where it ends a number.
using JsonTree = std::unique_ptr<json_t, JsonRelease>;

inline JsonTree parseTree(std::string_view text, size_t flags = 0)
{
    if (text.find('\0') != std::string_view::npos)
        return {};
    return JsonTree(json_loadb(text.data(), text.size(),
                               JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | flags, nullptr));
}

inline std::string textOf(const json_t *value)
{
    return {json_string_value(value), json_string_length(value)};
}

inline bool isText(const json_t *value, std::string_view text)
{
    return json_is_string(value) && textOf(value) == text;
}

/// The texts of a list; nothing else may stand in it.
inline std::vector<std::string> textsOf(const json_t *list)
{
    std::vector<std::string> texts;
    for (size_t i = 0; i < json_array_size(list); ++i)
        texts.push_back(textOf(json_array_get(list, i)));
    return texts;
}

} // namespace mws::test
