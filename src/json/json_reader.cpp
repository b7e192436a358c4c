#include "json/json_reader.h"

#include <algorithm>
#include <cstring>
#include <simdjson.h>
#include <vector>

namespace mws {

namespace {

using simdjson::ondemand::json_type;

/// A reader that has seen a large text gives its buffers back.
constexpr size_t keptCapacity = 256 * 1024;

std::string_view withoutTrailingSpace(std::string_view text)
{
    const size_t last = text.find_last_not_of(" \t\r\n");
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

JsonKind kindOf(simdjson::ondemand::value &value)
{
    json_type type;
    if (value.type().get(type) != simdjson::SUCCESS)
        return JsonKind::Broken;
    switch (type) {
    case json_type::array:
        return JsonKind::Array;
    case json_type::object:
        return JsonKind::Object;
    case json_type::number:
        return JsonKind::Number;
    case json_type::string:
        return JsonKind::String;
    case json_type::boolean:
        return JsonKind::Boolean;
    case json_type::null:
        return JsonKind::Null;
    }
    return JsonKind::Broken;
}

size_t skipDigits(std::string_view text, size_t at)
{
    while (at < text.size() && text[at] >= '0' && text[at] <= '9')
        ++at;
    return at;
}

} // namespace

struct JsonReader::Impl
{
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    std::vector<char> padded;
    size_t length = 0;
    int maxDepth = 64;
    Error error;

    bool refuse(std::string property, std::string message)
    {
        error = Error{ErrorCode::InvalidData, std::move(message), std::move(property)};
        return false;
    }

    bool broken(simdjson::error_code code)
    {
        const char *where = nullptr;
        size_t offset = length;
        if (document.current_location().get(where) == simdjson::SUCCESS)
            offset = std::min(size_t(where - padded.data()), length);
        return refuse({}, "Not valid JSON near byte " + std::to_string(offset) + ": " +
                              simdjson::error_message(code));
    }

    bool tooDeep() { return refuse({}, "JSON nested deeper than " + std::to_string(maxDepth)); }

    void load(std::string_view text)
    {
        if (padded.size() > keptCapacity && text.size() < keptCapacity / 4) {
            padded = {};
            parser = simdjson::ondemand::parser();
        }
        length = text.size();
        if (padded.size() < length + simdjson::SIMDJSON_PADDING)
            padded.resize(length + simdjson::SIMDJSON_PADDING);
        std::memcpy(padded.data(), text.data(), length);
        std::memset(padded.data() + length, ' ', simdjson::SIMDJSON_PADDING);
        error = {};
    }
};

JsonValue::JsonValue(JsonReader &reader, void *value, int depth)
    : m_reader(reader),
      m_value(value),
      m_depth(depth),
      m_kind(kindOf(*static_cast<simdjson::ondemand::value *>(value))),
      m_text(static_cast<simdjson::ondemand::value *>(value)->raw_json_token())
{}

bool JsonValue::refuse(std::string property, std::string message)
{
    return m_reader.m_impl->refuse(std::move(property), std::move(message));
}

std::optional<JsonValue::String> JsonValue::readString()
{
    m_read = true;
    auto &value = *static_cast<simdjson::ondemand::value *>(m_value);
    String result;
    result.text = withoutTrailingSpace(m_text);
    if (const auto code = value.get_string().get(result.value)) {
        m_reader.m_impl->broken(code);
        return std::nullopt;
    }
    return result;
}

bool JsonValue::eachElement(ElementHandler handler)
{
    m_read = true;
    auto &impl = *m_reader.m_impl;
    if (m_depth > impl.maxDepth)
        return impl.tooDeep();
    simdjson::ondemand::array array;
    if (const auto code = static_cast<simdjson::ondemand::value *>(m_value)->get_array().get(array))
        return impl.broken(code);
    size_t index = 0;
    for (auto element : array) {
        simdjson::ondemand::value value;
        if (const auto code = std::move(element).get(value))
            return impl.broken(code);
        JsonValue item(m_reader, &value, m_depth + 1);
        if (!handler(index++, item) || !item.check())
            return false;
    }
    return endText();
}

bool JsonValue::eachField(FieldHandler handler)
{
    m_read = true;
    auto &impl = *m_reader.m_impl;
    if (m_depth > impl.maxDepth)
        return impl.tooDeep();
    simdjson::ondemand::object object;
    if (const auto code = static_cast<simdjson::ondemand::value *>(m_value)->get_object().get(object))
        return impl.broken(code);
    return m_reader.eachFieldOf(&object, m_depth, handler) && endText();
}

bool JsonReader::eachFieldOf(void *object, int depth, JsonValue::FieldHandler handler)
{
    for (auto member : *static_cast<simdjson::ondemand::object *>(object)) {
        simdjson::ondemand::field field;
        std::string_view key;
        if (const auto code = std::move(member).get(field))
            return m_impl->broken(code);
        if (const auto code = field.unescaped_key().get(key))
            return m_impl->broken(code);
        JsonValue item(*this, &field.value(), depth + 1);
        if (!handler(key, item) || !item.check())
            return false;
    }
    return true;
}

std::optional<std::string_view> JsonValue::readText()
{
    if (!check())
        return std::nullopt;
    return withoutTrailingSpace(m_text);
}

/// The array or object was read to its end: its text ends where the next part of the JSON begins.
bool JsonValue::endText()
{
    const char *next = nullptr;
    if (const auto code = m_reader.m_impl->document.current_location().get(next))
        return m_reader.m_impl->broken(code); // never: something is open around this value
    m_text = {m_text.data(), size_t(next - m_text.data())};
    return true;
}

bool JsonValue::check()
{
    if (m_read)
        return true;
    m_read = true;
    auto &impl = *m_reader.m_impl;
    auto &value = *static_cast<simdjson::ondemand::value *>(m_value);
    bool flag = false;
    switch (m_kind) {
    case JsonKind::Array:
        return eachElement([](size_t, JsonValue &) { return true; });
    case JsonKind::Object:
        return eachField([](std::string_view, JsonValue &) { return true; });
    case JsonKind::String:
        return readString().has_value();
    case JsonKind::Number: // simdjson's own check refuses what does not fit a double or 64 bits
        return isJsonNumber(withoutTrailingSpace(m_text)) || impl.broken(simdjson::NUMBER_ERROR);
    case JsonKind::Boolean:
        return value.get_bool().get(flag) == simdjson::SUCCESS || impl.broken(simdjson::T_ATOM_ERROR);
    case JsonKind::Null: {
        const auto code = value.is_null().get(flag);
        return (code == simdjson::SUCCESS && flag) || impl.broken(simdjson::N_ATOM_ERROR);
    }
    case JsonKind::Broken:
        break;
    }
    return impl.broken(simdjson::TAPE_ERROR);
}

JsonReader::JsonReader(size_t maxDepth) : m_impl(std::make_unique<Impl>())
{
    m_impl->maxDepth = int(maxDepth);
}
JsonReader::~JsonReader() = default;
JsonReader::JsonReader(JsonReader &&) noexcept = default;
JsonReader &JsonReader::operator=(JsonReader &&) noexcept = default;

Result<void> JsonReader::readObject(std::string_view text, JsonValue::FieldHandler handler)
{
    Impl &impl = *m_impl;
    impl.load(text);
    const auto failed = [&impl] { return Unexpected(std::move(impl.error)); };
    if (text.starts_with("\xEF\xBB\xBF")) { // RFC 8259 §8.1; later versions of simdjson skip it
        impl.refuse({}, "Not valid JSON near byte 0: a byte order mark");
        return failed();
    }
    if (const auto code =
            impl.parser.iterate(impl.padded.data(), impl.length, impl.padded.size()).get(impl.document)) {
        impl.refuse({}, std::string("Not valid JSON: ") + simdjson::error_message(code));
        return failed();
    }
    simdjson::ondemand::object object;
    if (const auto code = impl.document.get_object().get(object)) {
        if (code == simdjson::INCORRECT_TYPE)
            impl.refuse({}, "Must be a JSON object");
        else
            impl.broken(code);
        return failed();
    }
    if (!eachFieldOf(&object, 1, handler))
        return failed();
    if (impl.document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
        impl.broken(simdjson::TRAILING_CONTENT);
        return failed();
    }
    return {};
}

bool isJsonObject(JsonReader &reader, std::string_view text)
{
    return reader.readObject(text, [](std::string_view, JsonValue &) { return true; }).has_value();
}

void appendMinified(std::string &out, std::string_view json)
{
    const size_t before = out.size();
    out.resize(before + json.size());
    size_t size = 0;
    if (simdjson::minify(json.data(), json.size(), out.data() + before, size) != simdjson::SUCCESS)
        size = 0; // only for a text that ends inside a string, which was checked before
    out.resize(before + size);
}

void appendJsonString(std::string &out, std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    out.push_back('"');
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out.append("\\u00");
            out.push_back(digits[size_t(c) >> 4]);
            out.push_back(digits[size_t(c) & 15]);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

bool isUtf8(std::string_view text)
{
    return simdjson::validate_utf8(text.data(), text.size());
}

bool isJsonNumber(std::string_view text)
{
    const auto is = [&text](size_t at, std::string_view any) {
        return at < text.size() && any.find(text[at]) != std::string_view::npos;
    };
    size_t at = is(0, "-") ? 1 : 0;
    size_t end = is(at, "0") ? at + 1 : skipDigits(text, at);
    if (end == at)
        return false;
    if (is(end, ".")) {
        at = end + 1;
        end = skipDigits(text, at);
        if (end == at)
            return false;
    }
    if (is(end, "eE")) {
        at = end + (is(end + 1, "+-") ? 2 : 1);
        end = skipDigits(text, at);
        if (end == at)
            return false;
    }
    return end == text.size();
}

} // namespace mws
