#include "ops/log_line.h"

#include <QString>
#include <algorithm>
#include <chrono>
#include <cstdio>

namespace mws {

namespace {

constexpr size_t longestValue = 1024;

std::string_view levelName(LogLevel level)
{
    switch (level) {
    case LogLevel::Trace:
        return "trace";
    case LogLevel::Debug:
        return "debug";
    case LogLevel::Info:
        return "info";
    case LogLevel::Warning:
        return "warning";
    case LogLevel::Error:
        return "error";
    case LogLevel::Off:
        break;
    }
    return "off";
}

bool isAscii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Control characters of ASCII and Latin-1, and the two line separators that some viewers break at.
bool isControl(char16_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

void appendUnit(std::string &line, char16_t c)
{
    constexpr std::string_view digits = "0123456789abcdef";
    line += "\\u";
    for (const int shift : {12, 8, 4, 0})
        line += digits[(c >> shift) & 15];
}

/// Appends `text` with JSON's escapes, valid UTF-8 in any case.
void appendEscaped(std::string &line, std::string_view text)
{
    const bool cut = text.size() > longestValue;
    text = text.substr(0, longestValue);
    if (isAscii(text)) {
        for (const char c : text) {
            if (c == '"' || c == '\\')
                line += '\\';
            if (isControl(static_cast<unsigned char>(c)))
                appendUnit(line, static_cast<unsigned char>(c));
            else
                line += c;
        }
    } else {
        QString plain;
        for (const QChar c : QString::fromUtf8(text.data(), qsizetype(text.size()))) {
            std::string unit;
            if (isControl(c.unicode()))
                appendUnit(unit, c.unicode());
            else if (c == u'"' || c == u'\\')
                plain += u'\\';
            plain += unit.empty() ? QString(c) : QString::fromStdString(unit);
        }
        line += plain.toStdString();
    }
    if (cut)
        line += "...";
}

void appendQuoted(std::string &line, std::string_view text)
{
    line += '"';
    appendEscaped(line, text);
    line += '"';
}

bool needsQuotes(std::string_view text)
{
    return text.empty() || !isAscii(text) || std::any_of(text.begin(), text.end(), [](char c) {
               return c <= 0x20 || c == 0x7f || c == '"' || c == '\\' || c == '=';
           });
}

/// Infinity and not-a-number have no form in JSON.
bool isJsonNumber(const LogField &field)
{
    return field.isNumber && !field.value.empty() &&
           field.value.find_first_not_of("0123456789.-") == std::string::npos;
}

} // namespace

std::string logTime(WallTime time)
{
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(floor<milliseconds>(time - day));
    char text[40];
    const int length = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                                     int(date.year()), unsigned(date.month()), unsigned(date.day()),
                                     int(clock.hours().count()), int(clock.minutes().count()),
                                     int(clock.seconds().count()), int(clock.subseconds().count()));
    return std::string(text, size_t(std::clamp(length, 0, int(sizeof text) - 1)));
}

std::string textLogLine(WallTime time, LogLevel level, std::string_view event,
                        std::initializer_list<LogField> fields)
{
    std::string line = logTime(time);
    line += ' ';
    const std::string_view name = level == LogLevel::Warning ? "warn" : levelName(level);
    line += name;
    line.append(name.size() < 5 ? 6 - name.size() : 1, ' ');
    appendEscaped(line, event);
    for (const LogField &field : fields) {
        ((line += ' ') += field.name) += '=';
        if (needsQuotes(field.value))
            appendQuoted(line, field.value);
        else
            appendEscaped(line, field.value);
    }
    return line;
}

std::string jsonLogLine(WallTime time, LogLevel level, std::string_view event,
                        std::initializer_list<LogField> fields)
{
    std::string line = "{\"time\":\"" + logTime(time) + "\",\"level\":\"";
    (line += levelName(level)) += "\",\"event\":";
    appendQuoted(line, event);
    for (const LogField &field : fields) {
        line += ',';
        appendQuoted(line, field.name);
        line += ':';
        if (isJsonNumber(field))
            line += field.value;
        else
            appendQuoted(line, field.value);
    }
    return line + '}';
}

} // namespace mws
