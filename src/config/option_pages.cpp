#include "config/option_pages.h"

#include "config/configuration_prose.h"
#include "config/option_value.h"

#include <algorithm>

namespace mws {

namespace {

/// What stands before the first row of a section.
std::string_view sectionSentence(std::string_view section)
{
    if (section == "server")
        return "The process: where it listens, what it calls itself, where it keeps its state.";
    if (section == "http")
        return "Limits and deadlines of every HTTP connection.";
    if (section == "tls")
        return "Certificate and key make the port speak https and wss; without them it is plain.";
    if (section == "websocket")
        return "Deadlines of every WebSocket.";
    if (section == "limits")
        return "What one client address may do (an IPv6 address counts with its /64), on all workers "
               "together; 0 is no "
               "limit.";
    if (section == "cluster")
        return "What this node shares with the others of a cluster, where there is a [redis].";
    if (section == "redis")
        return "The Redis that nodes share (docs/cluster.md). Without `url` and `host` there is none, and "
               "the "
               "node works alone.";
    if (section == "identity")
        return "The Enginio servers that check access tokens, and the keys of mode `jwt`.";
    if (section == "log")
        return "Lines on standard error.";
    if (section == "metrics")
        return "The page for Prometheus (docs/watching.md).";
    return "The default gateway. Each further one is a [[gateways]] with the same keys, where `id` is "
           "needed.";
}

std::string_view typeName(const Option &option)
{
    switch (option.type) {
    case OptionType::Text:
        return "string";
    case OptionType::Word:
        return "word";
    case OptionType::Flag:
        return "bool";
    case OptionType::Integer:
        return "integer";
    case OptionType::Size:
        return "size";
    case OptionType::Duration:
        return "duration";
    case OptionType::TextList:
        return "list of strings";
    case OptionType::Address:
        return "address";
    case OptionType::Url:
        return "url";
    case OptionType::Host:
        return "host";
    case OptionType::Path:
        return "path";
    case OptionType::Key:
        break;
    }
    return "base64";
}

/// `one of none, eds, custom`, `1 to 59`, or nothing.
std::string boundsText(const Option &option)
{
    const std::string text = expectation(option);
    if (option.type == OptionType::Word)
        return text.substr(std::string_view("one of ").size());
    const size_t from = text.find(" from ");
    if (from == std::string::npos)
        return {};
    const size_t begin = from + std::string_view(" from ").size();
    return text.substr(begin, std::min(text.find(" (", begin), text.size()) - begin);
}

std::string withBreaks(std::string_view text, std::string_view prefix, size_t width)
{
    std::string result(prefix);
    size_t column = prefix.size();
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (column + word.size() + 1 > width && column > prefix.size()) {
            (result += '\n') += prefix;
            column = prefix.size();
        }
        ((result += column > prefix.size() ? " " : "") += word);
        column += word.size() + 1;
    }
    return result + '\n';
}

std::string details(const Option &option)
{
    std::string text(typeName(option));
    if (!option.unit.empty())
        text += ", a bare number is in " + std::string(option.unit);
    if (const std::string bounds = boundsText(option); !bounds.empty())
        text += (option.type == OptionType::Word ? ": " : ", ") + bounds;
    if (option.secrecy == Secrecy::Secret)
        text += ", secret";
    return text;
}

std::string variables(const Option &option, std::string_view mark)
{
    const std::string own = std::string(mark) + option.environmentName() + std::string(mark);
    return option.variable.empty()
               ? own
               : std::string(mark) + std::string(option.variable) + std::string(mark) + ", " + own;
}

std::string escapedCell(std::string text)
{
    for (size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
        text.insert(at, "\\");
    return text;
}

std::string markdownRow(const Option &option)
{
    std::string row = "| `" + std::string(option.key) + "` | " + details(option) + " | ";
    row += "`" + std::string(option.defaultText) + "` | " + variables(option, "`") + " | ";
    row += (option.json.empty() ? "" : "`" + std::string(option.json) + "`") + " | ";
    row += option.reloads() ? "reload | " : "restart | ";
    return row + escapedCell(std::string(option.sentence)) + " |\n";
}

} // namespace

std::string optionsHelp()
{
    std::string text =
        "Configuration: defaults, then the file, then the environment, then what PUT configuration "
        "stored.\n";
    std::string_view section;
    for (const Option &option : allOptions()) {
        if (option.section != section)
            text += "\n[" + std::string(option.section) + "]\n";
        section = option.section;
        text += "  " + std::string(option.key) + " = " + std::string(option.defaultText) + "   " +
                variables(option, "") + '\n' + withBreaks(option.sentence, "      ", 100);
    }
    return text;
}

std::string optionsMarkdown()
{
    std::string page(configurationIntroduction);
    std::string_view section;
    for (const Option &option : allOptions()) {
        if (option.section != section)
            page += "\n### [" + std::string(option.section) + "]\n\n" +
                    std::string(sectionSentence(option.section)) +
                    "\n\n| key | what it takes | default | environment | PUT configuration | change by | "
                    "meaning |\n"
                    "|---|---|---|---|---|---|---|\n";
        section = option.section;
        page += markdownRow(option);
    }
    return page + std::string(configurationJsonChapter);
}

std::string optionsToml()
{
    std::string file(exampleIntroduction);
    std::string_view section;
    for (const Option &option : allOptions()) {
        if (option.section != section)
            file += '\n' + withBreaks(sectionSentence(option.section), "## ", 100) + '[' +
                    std::string(option.section) + "]\n";
        section = option.section;
        file +=
            '\n' + withBreaks(option.sentence, "## ", 100) + withBreaks(details(option) + '.', "## ", 100);
        file += "# " + std::string(option.key) + " = " + std::string(option.defaultText) + '\n';
    }
    return file + std::string(exampleFurtherGateway);
}

std::string provenanceText(const std::vector<Provenance> &rows)
{
    size_t width = 0;
    for (const Provenance &row : rows)
        width = std::max(width, row.option.size() + row.value.size());
    width = std::min<size_t>(width, 70);
    std::string text;
    for (const Provenance &row : rows) {
        const std::string left = row.option + " = " + row.value;
        text += left + std::string(left.size() < width + 5 ? width + 5 - left.size() : 2, ' ') + "# " +
                row.source + '\n';
    }
    return text;
}

} // namespace mws
