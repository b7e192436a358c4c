#include "cli/failure.h"

#include "cli/help_format.h"
#include "cli/json_text.h"

#include <algorithm>

namespace mws::cli {

namespace {

std::string_view nameOf(int code)
{
    switch (code) {
    case BadUsage:
        return "BadUsage";
    case Unreachable:
        return "Unreachable";
    default:
        return "Failed";
    }
}

std::string_view reasonOf(const Failure &failure)
{
    return failure.reason.empty() ? nameOf(failure.code) : failure.reason;
}

/// As the gateway lists what is wrong with data.
std::string listOf(const std::vector<Failure> &failures)
{
    if (failures.size() == 1)
        return failures.front().errors;
    std::vector<std::string> entries;
    for (const Failure &failure : failures) {
        JsonText entry;
        entry.add("reason", reasonOf(failure)).add("message", failure.text);
        if (failure.status != 0)
            entry.add("status", failure.status);
        entries.push_back(entry.text());
    }
    return jsonArray(entries);
}

/// For a command that has not said why.
Failure unexplained(int code)
{
    const auto &codes = exitCodes();
    const auto found =
        std::find_if(codes.begin(), codes.end(), [code](const auto &row) { return row.first == code; });
    return {code, found == codes.end() ? "ended with " + std::to_string(code) : found->second};
}

} // namespace

int fail(Context &context, const Failure &failure)
{
    context.failures.push_back(failure);
    if (!context.terminal.isJson())
        context.terminal.error(failure.text);
    return failure.code;
}

int failConfiguration(Context &context, const std::vector<std::string> &errors)
{
    for (const std::string &error : errors) {
        context.failures.push_back({BadUsage, error, "BadConfiguration"});
        if (!context.terminal.isJson())
            context.terminal.note(error);
    }
    return BadUsage;
}

std::string errorJson(const std::vector<Failure> &failures, int code)
{
    if (failures.empty())
        return errorJson({unexplained(code)}, code);
    std::string message;
    for (const Failure &failure : failures)
        message += (message.empty() ? "" : "; ") + failure.text;
    JsonText error;
    error.add("reason", reasonOf(failures.front())).add("message", message);
    if (failures.front().status != 0)
        error.add("status", failures.front().status);
    error.add("code", code);
    if (const std::string list = listOf(failures); !list.empty())
        error.addJson("errors", list);
    return JsonText().addJson("error", error.text()).text();
}

Action inJson(Action action)
{
    return [action = std::move(action)](Context &context) {
        context.terminal.useJson();
        const int code = action(context);
        if (code != Good)
            context.terminal.diagnose(errorJson(context.failures, code));
        return code;
    };
}

} // namespace mws::cli
