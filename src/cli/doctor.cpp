#include "cli/doctor.h"

#include "cli/commands.h"
#include "cli/help_format.h"
#include "cli/json_text.h"
#include "config/command_line.h"
#include "config/loader.h"

#include <algorithm>

namespace mws::cli {

namespace {

struct Options
{
    std::string configFile;
    double wait = -1; ///< s; negative: the ping interval and 5 s
    bool json = false;
};

void declare(CLI::App &app, Options &options)
{
    app.add_option("--config", options.configFile, "Configuration file (TOML); else MWS_CONFIG")
        ->type_name("FILE");
    app.add_option("--wait", options.wait,
                   "How long a socket is held open through the public URL; 0: not at all")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.0, 3600.0));
    app.add_flag("--json", options.json,
                 "Print {\"ok\", \"checks\": [{\"name\", \"status\", \"found\", \"fix\"}]}");
}

Shade shadeOf(Check::Status status)
{
    switch (status) {
    case Check::Status::Ok:
        return Shade::Good;
    case Check::Status::Warning:
        return Shade::Warning;
    case Check::Status::Failed:
        return Shade::Bad;
    case Check::Status::Skipped:
        break;
    }
    return Shade::Faint;
}

/// Prints each check as soon as it is there, or all of them as one object at the end.
class Report
{
public:
    Report(Context &context, bool json) : m_context(context), m_terminal(context.terminal), m_json(json) {}

    void add(const std::vector<Check> &checks)
    {
        for (const Check &check : checks)
            add(check);
    }

    void add(const Check &check)
    {
        const std::string status(nameOf(check.status));
        m_counts[check.status]++;
        m_lines.push_back(JsonText()
                              .add("name", check.name)
                              .add("status", status)
                              .add("found", check.found)
                              .add("fix", check.fix)
                              .text());
        if (check.status == Check::Status::Failed)
            m_context.failures.push_back({Failed, check.name + ": " + check.found, "CheckFailed"});
        if (m_json)
            return;
        std::string text = wrapped(check.name + ": " + check.found, std::string(9, ' '));
        text.replace(0, status.size(), m_terminal.shaded(shadeOf(check.status), status));
        if (!check.fix.empty())
            text += wrapped("Fix: " + check.fix, std::string(9, ' '));
        m_terminal.write(text);
    }

    int end()
    {
        const int failed = m_counts[Check::Status::Failed];
        const int warnings = m_counts[Check::Status::Warning];
        if (m_json)
            m_terminal.line(JsonText().add("ok", failed == 0).addJson("checks", jsonArray(m_lines)).text());
        else
            m_terminal.line("\n" + std::to_string(failed) + " failed, " + std::to_string(warnings) +
                            (warnings == 1 ? " warning" : " warnings"));
        return failed == 0 ? Good : Failed;
    }

private:
    Context &m_context;
    Terminal &m_terminal;
    const bool m_json;
    std::map<Check::Status, int> m_counts;
    std::vector<std::string> m_lines;
};

std::vector<Check> checkConfig(const ConfigFindings &findings)
{
    std::vector<Check> checks;
    for (const std::string &error : findings.errors)
        checks.push_back(
            {"configuration", Check::Status::Failed, error,
             "Mend it where the line says. All settings are listed by mws-gateway serve --help."});
    for (const std::string &warning : findings.warnings)
        checks.push_back({"configuration", Check::Status::Warning, warning,
                          "Change it, unless you mean it; docs/operations.md says what each warning means."});
    if (checks.empty())
        checks.push_back(Check::ok("configuration", "file and environment can be read, and fit together"));
    return checks;
}

int run(const Options &options, Context &context)
{
    const std::string named =
        options.configFile.empty() ? context.variable("MWS_CONFIG") : options.configFile;
    const auto file = named.empty() ? std::nullopt : std::optional<std::filesystem::path>(named);
    const LoadedConfig loaded = loadConfigFile(file, context.environment);
    Report report(context, options.json);
    report.add(checkConfig(checkConfiguration(file, context.environment)));
    if (!loaded.errors.empty()) {
        report.end();
        return BadUsage;
    }
    const auto untilPinged = loaded.config.webSocket.pingInterval + std::chrono::seconds(5);
    const Patient patient{loaded.config, context,
                          options.wait < 0 ? untilPinged
                                           : std::chrono::milliseconds(int64_t(options.wait * 1000))};
    for (const auto &check : {checkMachine, checkTls, checkTokens, checkRedis, checkPublicUrl})
        report.add(check(patient));
    return report.end();
}

} // namespace

std::string_view nameOf(Check::Status status)
{
    switch (status) {
    case Check::Status::Ok:
        return "ok";
    case Check::Status::Warning:
        return "warning";
    case Check::Status::Failed:
        return "failed";
    case Check::Status::Skipped:
        break;
    }
    return "skipped";
}

Command doctorCommand()
{
    return {
        "doctor",
        "Look for what is wrong, with the fix for each",
        "Reads the configuration as serve would, and looks at what the gateway needs: its port, the state "
        "folder, descriptors, certificates, tokens, Redis, the clock, and the way through the public URL and "
        "the proxy before it. To see whether the proxy cuts idle sockets it holds one open for a ping "
        "interval "
        "and 5 s; --wait changes that. Run it as the user, and in the environment, that the gateway runs in. "
        "Nothing is changed, and no secret is shown. Ends with 1 if a check failed, with 2 if the "
        "configuration "
        "cannot be used.",
        {{"mws-gateway doctor --config gateway.toml", "before and after a deploy"},
         {"mws-gateway doctor --wait 0 --json | jq '.checks[] | select(.status != \"ok\")'",
          "for a program"}},
        declaredBy<Options>(declare, run)};
}

} // namespace mws::cli
