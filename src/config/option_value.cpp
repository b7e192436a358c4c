#include "config/option_value.h"

#include "config/option_units.h"
#include "config/security_token_text.h"
#include "config/text_check.h"

#include <QByteArray>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <type_traits>

namespace mws {

namespace {

constexpr size_t minSigningKeyBytes = 32;
constexpr size_t longestShown = 60; // of a value in an error

bool equalsIgnoringCase(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blank = " \t\r\n";
    const size_t begin = std::min(text.find_first_not_of(blank), text.size());
    const size_t end = text.find_last_not_of(blank);
    return end == std::string_view::npos ? "" : text.substr(begin, end + 1 - begin);
}

std::vector<std::string> splitList(std::string_view text)
{
    std::vector<std::string> items;
    while (!text.empty()) {
        const size_t comma = std::min(text.find(','), text.size());
        if (const std::string_view item = trimmed(text.substr(0, comma)); !item.empty())
            items.emplace_back(item);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return items;
}

std::string found(const Option &option, const RawValue &raw)
{
    if (option.secrecy == Secrecy::Secret || option.type == OptionType::Url)
        return {}; // it may hold a secret
    struct Describe
    {
        std::string operator()(const Unusable &value) const { return value.description; }
        std::string operator()(bool value) const { return value ? "true" : "false"; }
        std::string operator()(int64_t value) const { return std::to_string(value); }
        std::string operator()(const std::string &value) const
        {
            if (value.size() <= longestShown)
                return quotedText(value);
            size_t end = longestShown;
            while (end > 0 && (value[end] & 0xc0) == 0x80) // not inside a UTF-8 character
                --end;
            return quotedText(value.substr(0, end) + "...");
        }
        std::string operator()(const std::vector<std::string> &) const { return "a list"; }
    };
    return ", found " + std::visit(Describe{}, raw);
}

using MaybeProblem = std::optional<ValueProblem>;

MaybeProblem wrong(const Option &option, const RawValue &raw)
{
    return ValueProblem{"expected " + expectation(option) + found(option, raw), std::nullopt};
}

template <typename Item>
constexpr bool isWord =
    std::is_same_v<Item, AccessControl> || std::is_same_v<Item, ClientMessages> ||
    std::is_same_v<Item, SlowReaders> || std::is_same_v<Item, LogLevel> || std::is_same_v<Item, LogFormat> ||
    std::is_same_v<Item, AccessLog> || std::is_same_v<Item, ClientCertificates> ||
    std::is_same_v<Item, TlsVersion> || std::is_same_v<Item, RedisClusterMode>;

template <typename Item>
constexpr bool isNumber =
    std::is_same_v<Item, uint16_t> || std::is_same_v<Item, uint32_t> || std::is_same_v<Item, uint64_t>;

template <typename Item>
constexpr bool isDuration =
    std::is_same_v<Item, std::chrono::milliseconds> || std::is_same_v<Item, std::chrono::seconds>;

/// Puts a raw value into whatever the slot points at.
struct Assign
{
    const Option &option;
    const RawValue &raw;

    MaybeProblem refuse() const { return wrong(option, raw); }
    MaybeProblem refuseText(std::string_view expected) const
    {
        return ValueProblem{"expected " + std::string(expected) + found(option, raw), std::nullopt};
    }

    /// A text that is empty where that is the default, or passes the option's check.
    MaybeProblem checkText(const std::string &text) const
    {
        if (text.empty() && option.defaultText == "\"\"")
            return std::nullopt;
        if (text.find('\0') != std::string::npos)
            return refuse();
        const std::string_view expected = option.check ? option.check(text) : "";
        return expected.empty() ? std::nullopt : refuseText(expected);
    }

    MaybeProblem operator()(bool *value) const
    {
        const auto *flag = std::get_if<bool>(&raw);
        if (!flag)
            return refuse();
        *value = *flag;
        return std::nullopt;
    }

    template <typename Number>
    requires isNumber<Number> MaybeProblem operator()(Number *value) const
    {
        std::optional<int64_t> number;
        if (const auto *integer = std::get_if<int64_t>(&raw))
            number = *integer;
        else if (const auto *text = std::get_if<std::string>(&raw); text && option.type == OptionType::Size)
            number = parseSize(*text);
        if (!number || *number < option.min || *number > option.max)
            return refuse();
        *value = static_cast<Number>(*number);
        return std::nullopt;
    }

    template <typename Duration>
    requires isDuration<Duration> MaybeProblem operator()(Duration *value) const
    {
        std::optional<int64_t> milliseconds;
        if (const auto *integer = std::get_if<int64_t>(&raw)) {
            if (*integer >= 0 && *integer <= option.max / 1000)
                milliseconds = *integer * 1000;
        } else if (const auto *text = std::get_if<std::string>(&raw)) {
            milliseconds = parseDuration(*text);
        }
        if (!milliseconds || *milliseconds < option.min || *milliseconds > option.max)
            return refuse();
        const std::chrono::milliseconds exact(*milliseconds);
        *value = std::chrono::duration_cast<Duration>(exact);
        return *value == exact ? std::nullopt : refuse();
    }

    template <typename Enumeration>
    requires isWord<Enumeration> MaybeProblem operator()(Enumeration *value) const
    {
        const auto *text = std::get_if<std::string>(&raw);
        const auto word = std::find_if(option.words.begin(), option.words.end(), [&](const Word &candidate) {
            return text && equalsIgnoringCase(candidate.text, *text);
        });
        if (word == option.words.end())
            return refuse();
        *value = Enumeration(word->value);
        return std::nullopt;
    }

    MaybeProblem operator()(std::string *value) const
    {
        const auto *text = std::get_if<std::string>(&raw);
        if (!text)
            return refuse();
        if (auto problem = checkText(*text))
            return problem;
        *value = *text;
        while (option.key == "public_url" && value->ends_with('/'))
            value->pop_back();
        return std::nullopt;
    }

    MaybeProblem operator()(std::filesystem::path *value) const
    {
        const auto *text = std::get_if<std::string>(&raw);
        if (!text || (text->empty() && option.defaultText != "\"\"") || text->find('\0') != std::string::npos)
            return refuse();
        *value = *text;
        return std::nullopt;
    }

    MaybeProblem operator()(SecretDigest *value) const
    {
        const auto *text = std::get_if<std::string>(&raw);
        if (!text)
            return refuse();
        if (auto problem = checkText(*text))
            return problem;
        *value = text->empty() ? SecretDigest() : SecretDigest(*text);
        return std::nullopt;
    }

    MaybeProblem checkList(const std::vector<std::string> *list) const
    {
        if (!list || list->size() < size_t(option.min))
            return refuse();
        for (size_t i = 0; i < list->size(); ++i) {
            const std::string &text = (*list)[i];
            const std::string_view expected =
                text.find('\0') == std::string::npos ? option.check(text) : "no NUL character";
            if (!expected.empty())
                return ValueProblem{"expected " + std::string(expected) + found(option, RawValue(text)), i};
        }
        return std::nullopt;
    }

    MaybeProblem operator()(std::vector<std::string> *value) const
    {
        const auto *list = std::get_if<std::vector<std::string>>(&raw);
        if (auto problem = checkList(list))
            return problem;
        *value = *list;
        return std::nullopt;
    }

    MaybeProblem operator()(std::optional<std::vector<std::string>> *value) const
    {
        const auto *list = std::get_if<std::vector<std::string>>(&raw);
        if (auto problem = checkList(list))
            return problem;
        if (std::find(list->begin(), list->end(), "*") != list->end())
            value->reset();
        else
            *value = *list;
        return std::nullopt;
    }

    MaybeProblem operator()(std::vector<SecurityToken> *value) const
    {
        const auto *list = std::get_if<std::vector<std::string>>(&raw);
        if (auto problem = checkList(list))
            return problem;
        value->clear();
        for (const std::string &text : *list)
            value->push_back(*readSecurityToken(text)); // the check has read it
        return std::nullopt;
    }

    MaybeProblem operator()(std::optional<SigningKey> *value) const
    {
        const auto *text = std::get_if<std::string>(&raw);
        if (!text)
            return refuse();
        if (text->empty()) {
            value->reset();
            return std::nullopt;
        }
        const auto decoded = QByteArray::fromBase64Encoding(QByteArray::fromStdString(*text),
                                                            QByteArray::Base64Encoding |
                                                                QByteArray::AbortOnBase64DecodingErrors);
        if (!decoded || size_t(decoded.decoded.size()) < minSigningKeyBytes)
            return refuse();
        *value = SigningKey{decoded.decoded.toStdString(), std::nullopt};
        return std::nullopt;
    }
};

std::string listText(const std::vector<std::string> &items)
{
    std::string text = "[";
    for (const std::string &item : items)
        text += (text.size() > 1 ? ", " : "") + quotedText(item);
    return text + ']';
}

/// Writes what the slot points at as TOML.
struct Show
{
    const Option &option;

    static std::string presence(bool isSet) { return isSet ? "(set)" : "(not set)"; }
    std::string operator()(const bool *value) const { return *value ? "true" : "false"; }
    template <typename Number>
    requires isNumber<Number> std::string operator()(const Number *value) const
    {
        return option.type == OptionType::Size ? sizeText(*value) : std::to_string(*value);
    }
    template <typename Duration>
    requires isDuration<Duration> std::string operator()(const Duration *value) const
    {
        return durationText(*value);
    }
    template <typename Enumeration>
    requires isWord<Enumeration> std::string operator()(const Enumeration *value) const
    {
        for (const Word &word : option.words)
            if (word.kind == Word::Kind::Listed && word.value == int(*value))
                return quotedText(word.text);
        return {};
    }
    std::string operator()(const std::string *value) const
    {
        return option.secrecy == Secrecy::Secret ? presence(!value->empty()) : quotedText(*value);
    }
    std::string operator()(const std::filesystem::path *value) const { return quotedText(value->string()); }
    std::string operator()(const std::vector<std::string> *value) const
    {
        return option.secrecy == Secrecy::Secret ? presence(!value->empty()) : listText(*value);
    }
    std::string operator()(const std::optional<std::vector<std::string>> *value) const
    {
        return *value ? listText(**value) : "[\"*\"]";
    }
    std::string operator()(const SecretDigest *value) const { return presence(!value->empty()); }
    std::string operator()(const std::vector<SecurityToken> *value) const
    {
        return presence(!value->empty());
    }
    std::string operator()(const std::optional<SigningKey> *value) const
    {
        return presence(value->has_value());
    }
};

} // namespace

RawValue rawFromText(const Option &option, std::string_view text)
{
    const std::string_view bare = trimmed(text);
    switch (option.type) {
    case OptionType::Flag:
        for (const std::string_view yes : {"true", "yes", "on", "1"})
            if (equalsIgnoringCase(bare, yes))
                return true;
        for (const std::string_view no : {"false", "no", "off", "0"})
            if (equalsIgnoringCase(bare, no))
                return false;
        break;
    case OptionType::Integer:
    case OptionType::Size:
    case OptionType::Duration: {
        int64_t number = 0;
        const auto [end, error] = std::from_chars(bare.data(), bare.data() + bare.size(), number);
        if (error == std::errc() && end == bare.data() + bare.size())
            return number;
        return std::string(bare);
    }
    case OptionType::TextList:
        return splitList(bare);
    case OptionType::Word:
        return std::string(bare);
    default:
        break;
    }
    return std::string(text);
}

std::optional<ValueProblem> assign(const Option &option, const Slot &slot, const RawValue &raw)
{
    return std::visit(Assign{option, raw}, slot);
}

std::string shownValue(const Option &option, const Slot &slot)
{
    return std::visit(Show{option}, slot);
}

std::string quotedText(std::string_view text)
{
    std::string escaped;
    for (const char c : text) {
        if (c == '"' || c == '\\')
            escaped += '\\';
        escaped += c;
    }
    return '"' + onOneLine(escaped) + '"';
}

} // namespace mws
