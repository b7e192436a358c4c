#include "cli/commands.h"
#include "cli/json_text.h"
#include "cli/state_folder.h"
#include "mws/base/clock.h"
#include "state/state_backup.h"

namespace mws::cli {

namespace {

struct Options
{
    std::string configFile;
    std::string target;
    bool json = false;
};

void declare(CLI::App &app, Options &options)
{
    app.add_option("TARGET", options.target, "A file that is not there yet, or a folder")->required();
    app.add_option("--config", options.configFile, "Configuration file (TOML); else MWS_CONFIG")
        ->type_name("FILE");
    app.add_flag("--json", options.json, "Print an object with `file`, `created` and `files`");
}

int run(const Options &options, Context &context)
{
    const auto folder = stateFolder(options.configFile, context);
    if (!folder)
        return BadUsage;
    const Result<BackupReport> report =
        backupState(*folder, options.target, std::string(context.version), SystemClock().wall());
    if (!report)
        return fail(context, failureOf(report.error()));
    std::vector<std::string> files;
    for (const BackupManifest::File &file : report->manifest.files)
        files.push_back(file.name);
    if (options.json)
        context.terminal.line(JsonText()
                                  .add("file", report->file.string())
                                  .add("created", report->manifest.created)
                                  .add("files", files)
                                  .text());
    else
        context.terminal.line(report->file.string());
    return Good;
}

} // namespace

Command backupCommand()
{
    return {"backup",
            "Copy the state folder into one file",
            "Copies gateways, tokens and events of the state folder that file and environment name into one "
            "tar file, also "
            "while a gateway runs on it, and prints the file's name. In a folder it gets the name "
            "mws-gateway-DATE.tar. "
            "The file holds signing keys: who has it can make URIs.",
            {{"mws-gateway backup --config /etc/mws/gateway.toml /var/backups", "once a day, from cron"}},
            declaredBy<Options>(declare, run)};
}

} // namespace mws::cli
