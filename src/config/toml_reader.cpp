#include "config/toml_reader.h"

#include "config/text_check.h"

#include <algorithm>
#include <toml++/toml.h>

namespace mws {

namespace {

/// As messages show it: a quoted key may hold a line feed, and no option's name does.
std::string nameOf(const toml::key &key)
{
    return onOneLine(key.str());
}

RawValue rawList(const toml::array &array)
{
    std::vector<std::string> items;
    for (const toml::node &node : array) {
        const auto *text = node.as_string();
        if (!text)
            return Unusable{"a list whose item " + std::to_string(items.size()) + " is not a string"};
        items.push_back(text->get());
    }
    return items;
}

RawValue rawValue(const toml::node &node)
{
    if (const auto *text = node.as_string())
        return text->get();
    if (const auto *integer = node.as_integer())
        return integer->get();
    if (const auto *flag = node.as_boolean())
        return flag->get();
    if (const auto *array = node.as_array())
        return rawList(*array);
    if (node.is_table())
        return Unusable{"a table"};
    return Unusable{node.is_floating_point() ? "a fraction" : "a date or time"};
}

TomlSection readSection(std::string name, bool listed, const toml::table &table)
{
    TomlSection section{std::move(name), listed, table.source().begin.line, {}};
    for (const auto &[key, node] : table)
        section.entries.push_back({nameOf(key), rawValue(node), key.source().begin.line});
    std::sort(section.entries.begin(), section.entries.end(),
              [](const TomlEntry &a, const TomlEntry &b) { return a.line < b.line; });
    return section;
}

void readNode(const toml::key &key, const toml::node &node, TomlContent &content)
{
    const std::string name = nameOf(key);
    if (const toml::table *table = node.as_table()) {
        content.sections.push_back(readSection(name, false, *table));
        return;
    }
    const toml::array *array = node.as_array();
    const bool tables =
        array && !array->empty() &&
        std::all_of(array->begin(), array->end(), [](const toml::node &item) { return item.is_table(); });
    if (!tables) {
        content.problems.push_back(
            {key.source().begin.line,
             name + ": stands outside a section; expected a line such as [server] above it"});
        return;
    }
    for (const toml::node &item : *array)
        content.sections.push_back(readSection(name, true, *item.as_table()));
}

/// What toml++ says, without the piece of the file that it quotes: that may be of a secret.
std::string withoutQuotation(std::string description)
{
    if (description.find("not representable") != std::string::npos)
        return "a number is out of range";
    return description.substr(0, description.find(", saw"));
}

} // namespace

TomlContent readToml(std::string_view text)
{
    TomlContent content;
    try {
        const toml::table root = toml::parse(text);
        for (const auto &[key, node] : root)
            readNode(key, node, content);
    } catch (const toml::parse_error &error) {
        content = {};
        content.problems.push_back(
            {error.source().begin.line, onOneLine(withoutQuotation(std::string(error.description())))});
    } catch (const std::exception &error) {
        content = {};
        content.problems.push_back({1, "cannot be read as TOML"});
    }
    std::sort(content.sections.begin(), content.sections.end(),
              [](const TomlSection &a, const TomlSection &b) { return a.line < b.line; });
    std::sort(content.problems.begin(), content.problems.end(),
              [](const TomlProblem &a, const TomlProblem &b) { return a.line < b.line; });
    return content;
}

} // namespace mws
