#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mws::cli {

/// A JSON object as compact text, its keys in the order of the calls. Texts that are not UTF-8 get U+FFFD in
/// the place of what is wrong. Thread: one at a time.
class JsonText
{
public:
    JsonText &add(std::string_view key, std::string_view text);
    JsonText &add(std::string_view key, const char *text) { return add(key, std::string_view(text)); }
    JsonText &add(std::string_view key, const std::string &text) { return add(key, std::string_view(text)); }
    JsonText &add(std::string_view key, bool value) { return addJson(key, value ? "true" : "false"); }
    JsonText &add(std::string_view key, int64_t value) { return addJson(key, std::to_string(value)); }
    JsonText &add(std::string_view key, int value) { return add(key, int64_t(value)); }
    JsonText &add(std::string_view key, const std::vector<std::string> &texts);
    /// `json` is JSON already.
    JsonText &addJson(std::string_view key, std::string_view json);

    std::string text() const { return m_text + '}'; }

private:
    std::string m_text = "{";
};

/// A JSON string, quotes included.
std::string quotedJson(std::string_view text);

/// `[…]` of JSON values.
std::string jsonArray(const std::vector<std::string> &values);

} // namespace mws::cli
