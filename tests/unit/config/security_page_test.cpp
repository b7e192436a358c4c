#include "config/option.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>

namespace mws {

namespace {

using Defaults = std::map<std::string, std::string>; ///< by option, without quotes

std::string withoutQuotes(std::string_view text)
{
    std::string plain(text);
    std::erase(plain, '"');
    return plain;
}

bool isNumber(const Option &option)
{
    return option.type == OptionType::Integer || option.type == OptionType::Size ||
           option.type == OptionType::Duration;
}

/// What bounds something that others send or hold: the numbers of these sections, and each gateway's limits.
bool isLimit(const Option &option)
{
    static const std::set<std::string_view> sections{"http", "websocket", "limits", "tls"};
    return isNumber(option) && (sections.contains(option.section) || option.json.starts_with("limits."));
}

/// The rows "| `section.key` | `default` | …" of SECURITY.md.
Defaults pageRows()
{
    std::ifstream page(MWS_SOURCE_DIR "/SECURITY.md");
    Defaults rows;
    for (std::string line; std::getline(page, line);) {
        const size_t keyEnd = line.find("` | `");
        if (!line.starts_with("| `") || keyEnd == std::string::npos)
            continue;
        const size_t valueBegin = keyEnd + 5;
        rows[line.substr(3, keyEnd - 3)] = line.substr(valueBegin, line.find('`', valueBegin) - valueBegin);
    }
    return rows;
}

} // namespace

TEST(SecurityPage, NamesEachLimitWithItsDefault)
{
    const Defaults rows = pageRows();
    for (const Option &option : allOptions()) {
        if (!isLimit(option))
            continue;
        const auto row = rows.find(option.name());
        ASSERT_NE(row, rows.end()) << "SECURITY.md has no row for " << option.name();
        EXPECT_EQ(row->second, withoutQuotes(option.defaultText)) << option.name();
    }
}

TEST(SecurityPage, NamesNothingThatIsNoOption)
{
    std::set<std::string> known;
    for (const Option &option : allOptions())
        known.insert(option.name());
    for (const auto &[name, value] : pageRows())
        EXPECT_THAT(known, testing::Contains(name));
}

} // namespace mws
