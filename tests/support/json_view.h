#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mws::test {

/// A JSON text to look into by JSON pointers (RFC 6901), the order of its keys kept. What is not there reads
/// as empty, so that a test's expectation says what was missing.
class JsonView
{
public:
    explicit JsonView(std::string text) : m_text(std::move(text)) {}

    bool isValid() const;
    /// Keys of the object at `pointer`, in their order.
    std::vector<std::string> keys(std::string_view pointer = {}) const;
    /// The string at `pointer`; empty if there is none.
    std::string string(std::string_view pointer) const;
    /// The strings of the array at `pointer`, in their order.
    std::vector<std::string> strings(std::string_view pointer) const;
    /// The integer at `pointer`; -1 if there is none.
    int64_t integer(std::string_view pointer) const;
    /// How many elements the array at `pointer` has; -1 if there is none.
    int size(std::string_view pointer) const;
    /// The value at `pointer` as compact JSON; empty if there is none.
    std::string text(std::string_view pointer = {}) const;

private:
    std::string m_text;
};

/// `text` as a JSON string, quotes included.
std::string jsonString(std::string_view text);

} // namespace mws::test
