#include "cli/command.h"

namespace mws::cli {

CLI::App *addPart(CLI::App &app, const std::string &name, const std::string &summary)
{
    return app.add_subcommand(name, summary)->group("Commands");
}

void onRun(CLI::App &app, Action &action, std::function<int(Context &)> run)
{
    app.callback([&app, &action, run = std::move(run)] {
        if (app.get_subcommands().empty()) // else that one's own call has been made already
            action = run;
    });
}

} // namespace mws::cli
