#pragma once

#include "config/environment.h"

#include <cstdio>
#include <string>
#include <string_view>

namespace mws::cli {

/// What a piece of text is, for the terminal's colours.
enum class Shade { Plain, Good, Warning, Bad, Faint, Strong };

/// Standard input, output and error of a command. Thread: one at a time.
class Terminal
{
public:
    /// The process's own. Colours are used where a stream is a terminal, unless `NO_COLOR` is set and not
    /// empty (https://no-color.org) or `TERM` is `dumb`.
    explicit Terminal(const Environment &environment);
    virtual ~Terminal() = default;
    Terminal(const Terminal &) = delete;
    Terminal &operator=(const Terminal &) = delete;

    /// Writes to standard output, as it is.
    virtual void write(std::string_view text);
    /// Writes a line to standard output, at once.
    void line(std::string_view text);
    /// What one should know while it goes on: a line on standard error, without the program's name.
    void note(std::string_view text);
    /// `mws-gateway: TEXT` on standard error.
    void error(std::string_view text);
    /// A line on standard error, as it is.
    virtual void diagnose(std::string_view line);

    /// From now on notes are JSON objects, `{"note": TEXT}`.
    void useJson() { m_isJson = true; }
    bool isJson() const { return m_isJson; }

    /// `text` in colour for standard output, or as it is.
    std::string shaded(Shade shade, std::string_view text) const;
    bool isInteractive() const { return m_isInteractive; } ///< standard input and error are a terminal

    /// All of standard input, up to `limit` bytes. More is cut off; `limit` + 1 bytes tell so.
    virtual std::string readAll(size_t limit);
    /// A line of standard input without its end; empty where there is no more.
    virtual std::string readLine();

private:
    bool m_colours = false;
    bool m_errorColours = false;
    bool m_isInteractive = false;
    bool m_isJson = false;
};

/// Text of others for a person's terminal: control characters, which could steer it, are shown as `\x1b`.
std::string printable(std::string_view text);

} // namespace mws::cli
