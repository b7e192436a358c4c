#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/json_text.h"
#include "config/command_line.h"

namespace mws::cli {

namespace {

struct Options
{
    std::string file;
    bool json = false;
};

void declare(CLI::App &app, Options &options)
{
    app.add_option("--config", options.file, "Configuration file (TOML); else MWS_CONFIG")->type_name("FILE");
    app.add_flag("--json", options.json, "Print an object with `ok`, `errors` and `warnings`");
}

int run(const Options &options, Context &context)
{
    const std::string file = options.file.empty() ? context.variable("MWS_CONFIG") : options.file;
    const ConfigFindings found = checkConfiguration(
        file.empty() ? std::nullopt : std::optional<std::filesystem::path>(file), context.environment);
    if (!found.errors.empty())
        failConfiguration(context, found.errors);
    const int code = found.errors.empty() ? Good : BadUsage;
    if (options.json) {
        context.terminal.line(JsonText()
                                  .add("ok", found.errors.empty())
                                  .add("errors", found.errors)
                                  .add("warnings", found.warnings)
                                  .text());
        return code;
    }
    for (const std::string &warning : found.warnings)
        context.terminal.note("warning: " + warning);
    if (found.errors.empty())
        context.terminal.line("The configuration is good.");
    return code;
}

} // namespace

Command checkConfigCommand()
{
    return {
        "check-config",
        "Check file and environment, and name all that is wrong",
        "Reads the configuration file and the environment as `serve` would, and the files that they name "
        "(certificates, stored state), and prints each error with its place. Nothing is started. Ends with "
        "2 if something is wrong.",
        {{"mws-gateway check-config --config gateway.toml", "check a file before a restart"}},
        declaredBy<Options>(declare, run)};
}

} // namespace mws::cli
