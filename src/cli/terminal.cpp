#include "cli/terminal.h"

#include "cli/json_text.h"

#include <iostream>
#include <unistd.h>

namespace mws::cli {

namespace {

bool isSet(const Environment &environment, const char *name)
{
    const auto found = environment.find(name);
    return found != environment.end() && !found->second.empty();
}

std::string_view code(Shade shade)
{
    switch (shade) {
    case Shade::Good:
        return "32";
    case Shade::Warning:
        return "33";
    case Shade::Bad:
        return "31";
    case Shade::Faint:
        return "2";
    case Shade::Strong:
        return "1";
    case Shade::Plain:
        break;
    }
    return {};
}

std::string coloured(Shade shade, std::string_view text)
{
    return std::string("\x1b[").append(code(shade)).append("m").append(text).append("\x1b[0m");
}

} // namespace

Terminal::Terminal(const Environment &environment)
{
    const auto term = environment.find("TERM");
    const bool wanted =
        !isSet(environment, "NO_COLOR") && (term == environment.end() || term->second != "dumb");
    m_colours = wanted && ::isatty(STDOUT_FILENO) == 1;
    m_errorColours = wanted && ::isatty(STDERR_FILENO) == 1;
    m_isInteractive = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
}

void Terminal::write(std::string_view text)
{
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

void Terminal::line(std::string_view text)
{
    write(std::string(text) + '\n');
}

void Terminal::note(std::string_view text)
{
    diagnose(m_isJson ? JsonText().add("note", text).text() : std::string(text));
}

void Terminal::diagnose(std::string_view line)
{
    const std::string whole = std::string(line) + '\n';
    std::fwrite(whole.data(), 1, whole.size(), stderr);
}

void Terminal::error(std::string_view text)
{
    const std::string_view name = "mws-gateway:";
    diagnose((m_errorColours ? coloured(Shade::Bad, name) : std::string(name)).append(" ").append(text));
}

std::string Terminal::shaded(Shade shade, std::string_view text) const
{
    return m_colours && shade != Shade::Plain ? coloured(shade, text) : std::string(text);
}

std::string Terminal::readAll(size_t limit)
{
    std::string text;
    char block[16384];
    while (text.size() <= limit) {
        const size_t size = std::fread(block, 1, sizeof block, stdin);
        if (size == 0)
            break;
        text.append(block, size);
    }
    text.resize(std::min(text.size(), limit + 1));
    return text;
}

std::string Terminal::readLine()
{
    std::string line;
    std::getline(std::cin, line);
    if (line.ends_with('\r'))
        line.pop_back();
    return line;
}

std::string printable(std::string_view text)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f)
            result += c;
        else if (c == '\n')
            result += "\\n";
        else if (c == '\t')
            result += "\\t";
        else
            ((result += "\\x") += digits[byte >> 4]) += digits[byte & 15];
    }
    return result;
}

} // namespace mws::cli
