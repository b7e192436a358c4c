#include "config/option_units.h"
#include "config/option_value.h"

namespace mws {

namespace {

std::string rangeText(const Option &option, std::string (*show)(int64_t))
{
    if (option.max == std::numeric_limits<int64_t>::max())
        return option.min > 0 ? " of at least " + show(option.min) : "";
    return " from " + show(option.min) + " to " + show(option.max);
}

std::string unquoted(std::string text)
{
    std::erase(text, '"');
    return text;
}

std::string wordsText(const Option &option)
{
    std::string text;
    for (const Word &word : option.words)
        if (word.kind == Word::Kind::Listed)
            text += (text.empty() ? "" : ", ") + std::string(word.text);
    return "one of " + text;
}

} // namespace

std::string expectation(const Option &option)
{
    switch (option.type) {
    case OptionType::Word:
        return wordsText(option);
    case OptionType::Flag:
        return "true or false";
    case OptionType::Integer:
        return "an integer" + rangeText(option, [](int64_t n) { return std::to_string(n); });
    case OptionType::Size:
        return "a size" + rangeText(option, [](int64_t n) { return unquoted(sizeText(uint64_t(n))); }) +
               " (bytes, or such as \"64KiB\")";
    case OptionType::Duration:
        return "a duration" +
               rangeText(option,
                         [](int64_t n) { return unquoted(durationText(std::chrono::milliseconds(n))); }) +
               " (seconds, or such as \"45s\", \"500ms\", \"5m\")";
    case OptionType::TextList:
        return option.min > 0 ? "a list of at least one string" : "a list of strings";
    case OptionType::Address:
    case OptionType::Url:
    case OptionType::Host:
        return std::string(option.check(" "));
    case OptionType::Path:
        return option.section == "tls" ? "the path of a file" : "the path of a folder";
    case OptionType::Key:
        return "base64 of at least 32 bytes";
    case OptionType::Text:
        break;
    }
    return "a string";
}

} // namespace mws
