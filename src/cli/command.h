#pragma once

#include "cli/terminal.h"
#include "config/environment.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mws::cli {

/// How a command ends; docs/cli.md has the table.
enum ExitCode { Good = 0, Failed = 1, BadUsage = 2, Unreachable = 3, Interrupted = 130 };

/// Why a command ends without having done its work.
struct Failure
{
    int code = Failed;    ///< an ExitCode
    std::string text;     ///< for the user; no secret in it
    std::string reason{}; ///< the gateway's word for it, such as `NotFound`; empty: the exit code's
    int status = 0;       ///< of the gateway's answer; 0: there was none
    std::string errors{}; ///< the gateway's list of what is wrong with the data, as JSON; empty: none
};

/// What a command may use of the world. Thread: the main thread.
struct Context
{
    const Environment &environment;
    Terminal &terminal;
    std::string_view version;        ///< of this program
    std::vector<Failure> failures{}; ///< what went wrong so far; see fail()

    /// The variable's value; empty if it is not set.
    std::string variable(const std::string &name) const
    {
        const auto found = environment.find(name);
        return found == environment.end() ? std::string() : found->second;
    }
};

/// One run of a command, with all that the arguments said. It is called on the main thread, where an
/// application object is and no event loop runs yet. Answers an ExitCode.
using Action = std::function<int(Context &)>;

/// A line of a command's help that shows how it is used.
struct Example
{
    std::string line;    ///< as one types it
    std::string meaning; ///< what it does, in a few words
};

/// What a command is known by. Help, man page, completion and the parser are all made from this and from what
/// `declare` says to the parser.
struct Command
{
    std::string name;
    std::string summary;     ///< one line, for the list of commands
    std::string description; ///< for its own help: plain text; an empty line begins a new paragraph
    std::vector<Example> examples;
    /// Declares options and arguments, and by onRun() what is done with them.
    std::function<void(CLI::App &app, Action &action)> declare;
};

/// Adds a subcommand.
CLI::App *addPart(CLI::App &app, const std::string &name, const std::string &summary);

/// `run` is what happens if `app` was named, and none of its own subcommands.
void onRun(CLI::App &app, Action &action, std::function<int(Context &)> run);

/// The same, with what the options said. Several parts of a command may share `options`.
template <typename Options>
void onRun(CLI::App &app, Action &action, const std::shared_ptr<Options> &options,
           int (*run)(const Options &, Context &))
{
    onRun(app, action, [options, run](Context &context) { return run(*options, context); });
}

/// For Command::declare of a command without parts: `declare` names the members of an Options as the options'
/// places, and `run` gets it.
template <typename Options>
std::function<void(CLI::App &, Action &)> declaredBy(void (*declare)(CLI::App &, Options &),
                                                     int (*run)(const Options &, Context &))
{
    return [=](CLI::App &app, Action &action) {
        const auto options = std::make_shared<Options>();
        declare(app, *options);
        onRun(app, action, options, run);
    };
}

} // namespace mws::cli
