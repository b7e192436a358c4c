#include "cli/completion.h"

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/gateway_access.h"
#include "cli/help_format.h"
#include "cli/man_page.h"

#include <algorithm>
#include <sstream>

namespace mws::cli {

namespace {

constexpr char bashScript[] = R"(# bash completion of mws-gateway; made by: mws-gateway completion bash
_mws_gateway() {
    local IFS=$'\n'
    local words=("${COMP_WORDS[@]:1:COMP_CWORD}")
    COMPREPLY=()
    local found
    found=$("${COMP_WORDS[0]}" completion words -- "${words[@]}" 2>/dev/null) || return 0
    if [ "$found" = FILE ]; then
        compopt -o filenames 2>/dev/null
        COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
    else
        COMPREPLY=($(compgen -W "$found" -- "${COMP_WORDS[COMP_CWORD]}"))
    fi
}
complete -F _mws_gateway mws-gateway
)";

constexpr char zshScript[] = R"(#compdef mws-gateway
# zsh completion of mws-gateway; made by: mws-gateway completion zsh
_mws_gateway() {
    local -a found
    found=("${(@f)$("${words[1]}" completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ "${found[1]}" == FILE ]]; then
        _files
    else
        compadd -- "${found[@]}"
    fi
}
if [[ "${funcstack[1]}" == _mws_gateway || "${funcstack[1]}" == _mws-gateway ]]; then
    _mws_gateway "$@"
else
    compdef _mws_gateway mws-gateway
fi
)";

constexpr char fishScript[] = R"(# fish completion of mws-gateway; made by: mws-gateway completion fish
function __mws_gateway_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found ($words[1] completion words -- $words[2..-1] 2>/dev/null)
    if test "$found" = FILE
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $found
    end
end
complete -c mws-gateway -f -a '(__mws_gateway_complete)'
)";

struct Options
{
    std::string what;
    std::vector<std::string> words;
};

void declare(CLI::App &app, Options &options)
{
    app.add_option("what", options.what, "The shell")->type_name("bash|zsh|fish")->required();
    app.add_option("words", options.words)->type_name("")->group("");
}

std::vector<std::string> textsOf(const std::string &alternatives)
{
    std::vector<std::string> texts;
    std::istringstream rest(alternatives);
    for (std::string text; std::getline(rest, text, '|');)
        texts.push_back(text);
    return texts;
}

/// What an option or argument takes, going by the name of its type: `FILE`, or one of `a|b|c`.
std::vector<std::string> valuesOf(const CLI::Option &option)
{
    const std::string type = typeOf(option);
    if (type == "FILE")
        return {"FILE"};
    if (type == "POLICY")
        return {"ignore", "echo", "relay", "publish", "webhook"};
    if (type == "MODE")
        return {"none", "eds", "jwt", "custom"};
    const bool isList =
        type.find('|') != type.npos && type.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == type.npos;
    return isList ? textsOf(type) : std::vector<std::string>{};
}

std::vector<const CLI::App *> partsOf(const CLI::App &app)
{
    return app.get_subcommands([](const CLI::App *part) { return !part->get_group().empty(); });
}

const CLI::Option *optionNamed(const CLI::App &app, const std::string &word)
{
    return word.size() > 1 && word.front() == '-' ? app.get_option_no_throw(word) : nullptr;
}

/// The command that the words before the last one lead to, and the option that waits for its value.
struct Place
{
    const CLI::App *app;
    const CLI::Option *waiting = nullptr;
    size_t arguments = 0;
};

Place placeOf(const CLI::App &app, const std::vector<std::string> &words)
{
    Place place{&app};
    for (size_t i = 0; i + 1 < words.size(); ++i) {
        if (place.waiting) {
            place.waiting = nullptr;
            continue;
        }
        const CLI::Option *option = optionNamed(*place.app, words[i]);
        if (option && option->get_type_size() != 0)
            place.waiting = option;
        if (words[i].starts_with('-'))
            continue;
        const std::vector<const CLI::App *> parts = partsOf(*place.app);
        const auto found = std::find_if(parts.begin(), parts.end(), [&](const CLI::App *candidate) {
            return candidate->get_name() == words[i];
        });
        const CLI::App *part = found == parts.end() ? nullptr : *found;
        place = part ? Place{part} : Place{place.app, nullptr, place.arguments + 1};
    }
    return place;
}

std::vector<std::string> namesAt(const Place &place, bool isOption)
{
    std::vector<std::string> names;
    if (!isOption)
        for (const CLI::App *part : partsOf(*place.app))
            names.push_back(part->get_name());
    if (!isOption && names.empty())
        for (const CLI::Option *option : place.app->get_options())
            if (option->get_positional())
                for (const std::string &value : valuesOf(*option))
                    names.push_back(value);
    if (isOption || names.empty())
        for (const CLI::Option *option : place.app->get_options())
            if (!option->get_positional() && !option->get_group().empty())
                for (const std::string &name : option->get_lnames())
                    names.push_back("--" + name);
    return names;
}

int run(const Options &options, Context &context)
{
    if (options.what == "bash" || options.what == "zsh" || options.what == "fish") {
        context.terminal.write(options.what == "bash"  ? bashScript
                               : options.what == "zsh" ? zshScript
                                                       : fishScript);
        return Good;
    }
    if (options.what != "words" && options.what != "man")
        return fail(context, {BadUsage, "SHELL: expected bash, zsh or fish"});
    readParser(context.version, [&](CLI::App &app) {
        if (options.what == "man")
            return context.terminal.write(manPage(app, context.version));
        for (const std::string &candidate : candidates(app, options.words))
            context.terminal.line(candidate);
    });
    return Good;
}

} // namespace

std::vector<std::string> candidates(const CLI::App &app, const std::vector<std::string> &words)
{
    const Place place = placeOf(app, words);
    const std::string begun = words.empty() ? std::string() : words.back();
    std::vector<std::string> found =
        place.waiting ? valuesOf(*place.waiting) : namesAt(place, begun.starts_with('-'));
    if (found == std::vector<std::string>{"FILE"})
        return found;
    std::erase_if(found, [&](const std::string &candidate) { return !candidate.starts_with(begun); });
    return found;
}

Command completionCommand()
{
    return {"completion",
            "Print what a shell needs to complete commands and options",
            "The scripts that are installed with the program. Where it was not installed, load one by hand.",
            {{"source <(mws-gateway completion bash)", "bash, for this session"},
             {"source <(mws-gateway completion zsh)", "zsh, for this session"},
             {"mws-gateway completion fish | source", "fish, for this session"}},
            declaredBy<Options>(declare, run)};
}

} // namespace mws::cli
