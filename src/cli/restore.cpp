#include "cli/commands.h"
#include "cli/json_text.h"
#include "cli/state_folder.h"
#include "mws/base/clock.h"
#include "state/state_restore.h"

namespace mws::cli {

namespace {

struct Options
{
    std::string configFile;
    std::string file;
    bool force = false;
    bool json = false;
};

void declare(CLI::App &app, Options &options)
{
    app.add_option("FILE", options.file, "What `backup` has made")->required();
    app.add_option("--config", options.configFile, "Configuration file (TOML); else MWS_CONFIG")
        ->type_name("FILE");
    app.add_flag("--force", options.force,
                 "Replace the state that is there, which is kept in a folder beside it");
    app.add_flag("--json", options.json, "Print an object with `created`, `gateway`, `files` and `kept`");
}

void print(const RestoreReport &report, const std::filesystem::path &folder, bool asJson, Terminal &terminal)
{
    std::vector<std::string> files;
    for (const BackupManifest::File &file : report.manifest.files)
        files.push_back(file.name);
    if (asJson) {
        terminal.line(JsonText()
                          .add("created", report.manifest.created)
                          .add("gateway", report.manifest.gateway)
                          .add("files", files)
                          .add("kept", report.kept.string())
                          .text());
        return;
    }
    terminal.line(folder.string() + " has the state of " + report.manifest.created + ", of gateway " +
                  report.manifest.gateway);
    if (!report.kept.empty())
        terminal.line("What was there is in " + report.kept.string());
}

int run(const Options &options, Context &context)
{
    const auto folder = stateFolder(options.configFile, context);
    if (!folder)
        return BadUsage;
    const Result<RestoreReport> report =
        restoreState(options.file, *folder, options.force ? ExistingState::Replace : ExistingState::Refuse,
                     SystemClock().wall());
    if (!report) {
        Failure failure = failureOf(report.error());
        if (report.error().code == ErrorCode::Conflict && !options.force)
            failure.text += ". Stop the gateway; --force replaces the state that is there and keeps a copy";
        return fail(context, failure);
    }
    print(*report, *folder, options.json, context.terminal);
    return Good;
}

} // namespace

Command restoreCommand()
{
    return {"restore",
            "Put a backup into the state folder",
            "Puts a file that `backup` has made into the state folder that file and environment name. The "
            "gateway must be "
            "stopped. Everything is checked before anything changes; a folder that has a gateway's state "
            "already is "
            "refused without --force.",
            {{"mws-gateway restore --config /etc/mws/gateway.toml mws-gateway-2026-12-01T08-00-00Z.tar",
              "on a new machine"}},
            declaredBy<Options>(declare, run)};
}

} // namespace mws::cli
