#include "cli/commands.h"
#include "cli/gateway_calls.h"
#include "cli/json_text.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace mws::cli {

namespace {

constexpr size_t longestConfiguration = 1 << 20;

struct Options
{
    AccessOptions access;
    std::string id;
    std::string name;
    std::string mode;
    std::string file;
    std::vector<std::string> settings; ///< KEY=VALUE
    bool yes = false;
};

std::string text(const QJsonValue &value)
{
    return printable(value.toString().toStdString());
}

/// JSON with an entry per line, for people.
std::string pretty(const QJsonValue &value)
{
    return QJsonDocument(value.toObject()).toJson(QJsonDocument::Indented).trimmed().toStdString();
}

/// What is set by `KEY=VALUE`, put into `object`; keys with dots go into objects of their own.
std::optional<Failure> addSetting(QJsonObject &object, const std::string &setting)
{
    const size_t at = setting.find('=');
    if (at == setting.npos || at == 0)
        return Failure{BadUsage,
                       "expected KEY=VALUE, such as limits.sockets=100; found \"" + printable(setting) + '"'};
    const QString key = QString::fromStdString(setting.substr(0, at));
    const std::string value = setting.substr(at + 1);
    const auto parsed = QJsonDocument::fromJson(QByteArray::fromStdString('[' + value + ']')).array();
    const QJsonValue json = parsed.size() == 1 ? parsed.first() : QJsonValue(QString::fromStdString(value));
    const qsizetype dot = key.indexOf(u'.');
    if (dot < 0) {
        object[key] = json;
        return std::nullopt;
    }
    QJsonObject inner = object[key.left(dot)].toObject();
    const std::string rest = key.mid(dot + 1).toStdString() + '=' + value;
    if (auto failure = addSetting(inner, rest))
        return Failure{BadUsage, "expected KEY=VALUE, found \"" + printable(setting) + '"'};
    object[key.left(dot)] = inner;
    return std::nullopt;
}

/// The configuration that --file and KEY=VALUE ask for.
std::variant<QJsonObject, Failure> configurationOf(const Options &options, Context &context)
{
    QJsonObject object;
    if (!options.file.empty()) {
        const auto read = readInput(options.file, longestConfiguration, context);
        if (const auto *failure = std::get_if<Failure>(&read))
            return Failure{failure->code, "--file: " + failure->text};
        QJsonParseError error;
        const auto document =
            QJsonDocument::fromJson(QByteArray::fromStdString(std::get<std::string>(read)), &error);
        if (!document.isObject())
            return Failure{BadUsage, "--file: expected a JSON object: " +
                                         (error.error == QJsonParseError::NoError
                                              ? std::string("it is another value")
                                              : error.errorString().toStdString() + " at byte " +
                                                    std::to_string(error.offset))};
        object = document.object();
    }
    for (const std::string &setting : options.settings)
        if (const auto failure = addSetting(object, setting))
            return *failure;
    return object;
}

/// Makes the call and hands its good answer to `print`; with --json prints it as it is.
int callAndPrint(const Options &options, Context &context, std::string_view method, const std::string &path,
                 const std::string &body, const std::function<void(const QJsonObject &)> &print)
{
    const auto access = resolveAccess(options.access, Credential::Operator, context);
    if (const auto *failure = std::get_if<Failure>(&access))
        return fail(context, *failure);
    GatewayCalls calls(std::get<Access>(access));
    const Answer answer = calls.call(method, path, body);
    if (answer.failure)
        return fail(context, *answer.failure);
    if (options.access.json)
        context.terminal.line(answer.body);
    else
        print(answer.json());
    return Good;
}

std::string pathOf(const std::string &id)
{
    return "/v1/gateways/" + percentEncoded(id);
}

int list(const Options &options, Context &context)
{
    return callAndPrint(options, context, "GET", "/v1/gateways", {}, [&](const QJsonObject &json) {
        std::vector<std::vector<std::string>> rows{{"ID", "SOCKETS", "NAME"}};
        for (const QJsonValue &gateway : json[QLatin1String("results")].toArray())
            rows.push_back({text(gateway[QLatin1String("id")]),
                            std::to_string(gateway[QLatin1String("sockets")].toInteger()),
                            text(gateway[QLatin1String("name")])});
        context.terminal.write(table(rows, context.terminal));
    });
}

int show(const Options &options, Context &context)
{
    return callAndPrint(options, context, "GET", pathOf(options.id), {}, [&](const QJsonObject &json) {
        context.terminal.line("id       " + text(json[QLatin1String("id")]));
        context.terminal.line("name     " + text(json[QLatin1String("name")]));
        context.terminal.line("sockets  " + std::to_string(json[QLatin1String("sockets")].toInteger()));
        context.terminal.line(pretty(json[QLatin1String("configuration")]));
    });
}

int create(const Options &options, Context &context)
{
    auto configuration = configurationOf(options, context);
    if (const auto *failure = std::get_if<Failure>(&configuration))
        return fail(context, *failure);
    auto &object = std::get<QJsonObject>(configuration);
    if (!options.id.empty())
        object[QLatin1String("id")] = QString::fromStdString(options.id);
    if (!options.name.empty())
        object[QLatin1String("name")] = QString::fromStdString(options.name);
    if (!options.mode.empty())
        object[QLatin1String("accessControl")] = QString::fromStdString(options.mode);
    const std::string body = QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
    return callAndPrint(options, context, "POST", "/v1/gateways", body, [&](const QJsonObject &json) {
        context.terminal.line("id              " + text(json[QLatin1String("id")]));
        context.terminal.line("security token  " + text(json[QLatin1String("securityToken")]));
        context.terminal.note("The token is shown this once: keep it now.");
    });
}

int remove(const Options &options, Context &context)
{
    if (!options.yes) {
        if (!context.terminal.isInteractive() || options.access.token == "-")
            return fail(context, {BadUsage, "this closes all sockets of the gateway, and forgets it: --yes "
                                            "says that you mean it"});
        context.terminal.note("Delete the gateway " + printable(options.id) +
                              ", close all its sockets and forget its configuration? Type yes:");
        if (context.terminal.readLine() != "yes")
            return fail(context, {Failed, "nothing was deleted"});
    }
    return callAndPrint(options, context, "DELETE", pathOf(options.id), {}, [&](const QJsonObject &) {
        context.terminal.line("deleted " + printable(options.id));
    });
}

int rotateToken(const Options &options, Context &context)
{
    return callAndPrint(
        options, context, "POST", pathOf(options.id) + "/security_token", {}, [&](const QJsonObject &json) {
            context.terminal.line("security token             " + text(json[QLatin1String("securityToken")]));
            context.terminal.line("the one before is good to  " +
                                  text(json[QLatin1String("previousValidUntil")]));
            context.terminal.note("The token is shown this once: keep it now.");
        });
}

int readConfiguration(const Options &options, Context &context)
{
    return callAndPrint(options, context, "GET", pathOf(options.id) + "/configuration", {},
                        [&](const QJsonObject &json) { context.terminal.line(pretty(json)); });
}

int writeConfiguration(const Options &options, Context &context)
{
    if (options.settings.empty() && options.file.empty())
        return fail(context, {BadUsage, "what is to change? KEY=VALUE, or --file FILE"});
    const auto configuration = configurationOf(options, context);
    if (const auto *failure = std::get_if<Failure>(&configuration))
        return fail(context, *failure);
    const std::string body =
        QJsonDocument(std::get<QJsonObject>(configuration)).toJson(QJsonDocument::Compact).toStdString();
    return callAndPrint(options, context, "PUT", pathOf(options.id) + "/configuration", body,
                        [&](const QJsonObject &json) { context.terminal.line(pretty(json)); });
}

using Run = int (*)(const Options &, Context &);

/// A part, with what all of them take.
CLI::App &addCall(CLI::App &app, Action &action, const std::shared_ptr<Options> &options,
                  const std::string &name, const std::string &summary, Run run)
{
    CLI::App &part = *addPart(app, name, summary);
    declareAccess(part, options->access, Credential::Operator);
    declareTimeout(part, options->access);
    declareJson(part, options->access, "Print the gateway's answer as it is");
    onRun(part, action, options, run);
    return part;
}

void addId(CLI::App &part, Options &options)
{
    part.add_option("id", options.id, "The gateway")->type_name("ID")->required();
}

void addConfiguration(CLI::App &part, Options &options)
{
    part.add_option("setting", options.settings,
                    "A key of PUT configuration, such as limits.sockets=100; null: back to the file")
        ->type_name("[KEY=VALUE...]");
    part.add_option("--file", options.file, "The same as a JSON object (- reads standard input)")
        ->type_name("FILE");
}

void declareParts(CLI::App &app, Action &action)
{
    const auto options = std::make_shared<Options>();
    declareAccess(app, options->access, Credential::Operator);
    declareTimeout(app, options->access);
    declareJson(app, options->access, "Print the gateway's answer as it is");
    onRun(app, action, options, list);
    addCall(app, action, options, "list", "List all; what is done without a word", list);
    addId(addCall(app, action, options, "show", "Show one with its configuration", show), *options);

    CLI::App &createPart = addCall(app, action, options, "create", "Make one, and show its token", create);
    createPart.add_option("id", options->id, "Its id; else the gateway makes one")->type_name("ID");
    createPart.add_option("--name", options->name, "For people")->type_name("TEXT");
    createPart.add_option("--access-control", options->mode, "none, eds, jwt or custom")->type_name("MODE");
    addConfiguration(createPart, *options);

    CLI::App &deletePart =
        addCall(app, action, options, "delete", "Delete one, and close its sockets", remove);
    addId(deletePart, *options);
    deletePart.add_flag("--yes", options->yes, "Do not ask");
    addId(
        addCall(app, action, options, "rotate-token", "Make a new security token, and show it", rotateToken),
        *options);

    CLI::App &config = *addPart(app, "config", "Read or change a gateway's configuration");
    config.require_subcommand(1);
    addId(addCall(config, action, options, "get", "Print it", readConfiguration), *options);
    CLI::App &set =
        addCall(config, action, options, "set", "Change keys of it; others stay", writeConfiguration);
    addId(set, *options);
    addConfiguration(set, *options);
}

} // namespace

Command gatewaysCommand()
{
    return {
        "gateways",
        "List, make, configure and delete gateways",
        "The operator's calls. They need the operator's token, which OPERATOR_TOKEN names for the gateway "
        "and for this command alike.",
        {{"mws-gateway gateways", "list them"},
         {"mws-gateway gateways create games --name Games --access-control custom", "make one"},
         {"mws-gateway gateways config set games limits.sockets=100 name=null", "change its configuration"},
         {"mws-gateway gateways config get games --json | jq .limits", "read it"},
         {"mws-gateway gateways rotate-token games", "a new security token"},
         {"mws-gateway gateways delete games --yes", "delete it"}},
        declareParts};
}

} // namespace mws::cli
