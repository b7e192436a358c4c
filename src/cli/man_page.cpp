#include "cli/man_page.h"

#include "cli/commands.h"
#include "cli/help_format.h"

namespace mws::cli {

namespace {

/// Text as roff takes it: no escapes, no requests at the start of a line, hyphens that can be copied.
std::string roff(std::string_view text)
{
    std::string result;
    for (const char c : text) {
        if (c == '\\')
            result += "\\e";
        else if (c == '-')
            result += "\\-";
        else if ((c == '.' || c == '\'') && (result.empty() || result.back() == '\n'))
            (result += "\\&") += c;
        else
            result += c;
    }
    return result;
}

/// A line of the source for each sentence, as roff wants it; a long one breaks where a word ends.
std::string paragraph(std::string_view text)
{
    std::string result;
    const std::string lines = wrapped(text, {}, 78);
    for (size_t at = 0; at < lines.size();) {
        const size_t end = lines.find('\n', at);
        result += roff(std::string_view(lines).substr(at, end - at)) + '\n';
        at = end + 1;
    }
    return result;
}

std::string entry(const std::string &term, const std::string &meaning)
{
    return ".TP\n" + term + '\n' + paragraph(meaning);
}

/// `--tag TAG` with the name in bold and the value in italics.
std::string optionTerm(const CLI::Option &option)
{
    if (option.get_positional())
        return "\\fI" + roff(typeOf(option)) + "\\fR";
    std::string names;
    for (const std::string &name : option.get_snames())
        names += (names.empty() ? "" : ", ") + std::string("\\fB\\-") + name + "\\fR";
    for (const std::string &name : option.get_lnames())
        names += (names.empty() ? "" : ", ") + std::string("\\fB\\-\\-") + roff(name) + "\\fR";
    return !typeOf(option).empty() ? names + " \\fI" + roff(typeOf(option)) + "\\fR" : names;
}

std::string optionEntries(const CLI::App &app)
{
    std::string text;
    for (const CLI::Option *option : app.get_options())
        if (!option->get_group().empty() && !(option == app.get_help_ptr() && app.get_parent()))
            text += entry(optionTerm(*option), option->get_description() + ".");
    return text;
}

std::vector<const CLI::App *> partsOf(const CLI::App &app)
{
    return app.get_subcommands([](const CLI::App *) { return true; });
}

/// A command's options, and those of its parts.
std::string commandBody(const CLI::App &app, const std::string &path)
{
    std::string text = optionEntries(app);
    for (const CLI::App *part : partsOf(app)) {
        const std::string name = path + ' ' + part->get_name();
        text +=
            ".SS " + roff(name) + '\n' + paragraph(part->get_description() + ".") + commandBody(*part, name);
    }
    return text;
}

std::string exampleLines(const Command &command)
{
    std::string text;
    for (const Example &example : command.examples)
        text += ".TP\n" + roff(example.meaning) + ":\n.nf\n\\fB" + roff(example.line) + "\\fR\n.fi\n";
    return text;
}

std::string commandSection(const CLI::App &part, const Command *command)
{
    const std::string name = part.get_name();
    std::string text = ".SS " + roff(name) + '\n' + paragraph(part.get_description() + ".");
    if (command)
        text += ".PP\n" + paragraph(command->description);
    text += commandBody(part, name);
    if (command && !command->examples.empty())
        text += ".PP\nExamples:\n" + exampleLines(*command);
    return text;
}

const Command *commandNamed(const std::string &name)
{
    for (const Command &command : commands())
        if (command.name == name)
            return &command;
    return nullptr;
}

} // namespace

std::string manPage(const CLI::App &app, std::string_view version)
{
    std::string text = ".\\\" Made by `mws-gateway completion man` from the commands' own tables.\n"
                       ".TH MWS\\-GATEWAY 1 \"\" \"MWS Gateway " +
                       roff(version) + "\" \"User Commands\"\n.SH NAME\nmws\\-gateway \\- " +
                       "self\\-hosted WebSocket push gateway\n.SH SYNOPSIS\n.B mws\\-gateway\n"
                       "[\\fIOPTIONS\\fR] [\\fICOMMAND\\fR]\n.SH DESCRIPTION\n";
    text += paragraph(
        "Clients open WebSockets to it, backends send messages to them by HTTP. Without a command it "
        "serves. The other commands look after a gateway that runs here or elsewhere.");
    text += ".SH OPTIONS\n" + optionEntries(app) + ".SH COMMANDS\n";
    for (const CLI::App *part : partsOf(app))
        text += commandSection(*part, commandNamed(part->get_name()));
    text += ".SH ENVIRONMENT\n";
    for (const auto &[name, meaning] : commandVariables())
        text += entry("\\fB" + name + "\\fR", meaning + ".");
    text += ".PP\nThe settings of the service are listed by\n.BR \"mws\\-gateway serve \\-\\-help\" .\n.SH "
            "\"EXIT STATUS\"\n";
    for (const auto &[code, meaning] : exitCodes())
        text += entry(std::to_string(code), meaning + ".");
    return text + ".PP\n" + paragraph(jsonErrorsHelp);
}

} // namespace mws::cli
