#pragma once

#include "config/option_value.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// `key = value` in a section of the file.
struct TomlEntry
{
    std::string key;
    RawValue value;
    uint32_t line = 0;
};

/// `[name]`, or one of `[[name]]`.
struct TomlSection
{
    std::string name;
    bool listed = false; ///< `[[name]]`
    uint32_t line = 0;
    std::vector<TomlEntry> entries; ///< by line
};

struct TomlProblem
{
    uint32_t line = 0;
    std::string text; ///< holds nothing of a value
};

struct TomlContent
{
    std::vector<TomlSection> sections; ///< by line
    std::vector<TomlProblem> problems;
};

/// Reads TOML into sections; knows nothing of options. Only this calls toml++.
TomlContent readToml(std::string_view text);

} // namespace mws
