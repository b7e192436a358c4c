#include "config/configuration_keys.h"

#include "config/option.h"
#include "config/option_value.h"

#include <limits>

namespace mws {

namespace {

constexpr int64_t second = 1000;

std::string_view typeName(OptionType type)
{
    switch (type) {
    case OptionType::Word:
        return "word";
    case OptionType::Flag:
        return "flag";
    case OptionType::Integer:
    case OptionType::Size:
    case OptionType::Duration:
        return "number";
    case OptionType::TextList:
        return "list";
    case OptionType::Text:
    case OptionType::Address:
    case OptionType::Url:
    case OptionType::Host:
    case OptionType::Path:
    case OptionType::Key:
        break;
    }
    return "text";
}

/// As PUT configuration takes it; durations are milliseconds in the table, and seconds there.
std::string boundsJson(const Option &option)
{
    const int64_t unit = option.type == OptionType::Duration ? second : 1;
    std::string text = ",\"min\":" + std::to_string(option.min / unit);
    if (option.max != std::numeric_limits<int64_t>::max())
        text += ",\"max\":" + std::to_string(option.max / unit);
    if (!option.unit.empty())
        text += ",\"unit\":" + quotedText(option.unit);
    return text;
}

std::string wordsJson(const Option &option)
{
    std::string text;
    for (const Word &word : option.words)
        if (word.kind == Word::Kind::Listed)
            text += (text.empty() ? "" : ",") + quotedText(word.text);
    return ",\"words\":[" + text + ']';
}

} // namespace

std::string configurationKeysJson()
{
    std::string text;
    for (const Option &option : allOptions()) {
        if (option.json.empty())
            continue;
        const std::string_view type = typeName(option.type);
        text += (text.empty() ? "{\"key\":" : ",{\"key\":") + quotedText(option.json) +
                ",\"type\":" + quotedText(type) + ",\"sentence\":" + quotedText(option.sentence) +
                ",\"default\":" + quotedText(option.defaultText);
        if (type == "number")
            text += boundsJson(option);
        if (!option.words.empty())
            text += wordsJson(option);
        if (option.secrecy == Secrecy::Secret)
            text += ",\"secret\":true";
        text += '}';
    }
    return '[' + text + ']';
}

} // namespace mws
