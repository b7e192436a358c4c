#include "cli/commands.h"
#include "cli/listener.h"

namespace mws::cli {

namespace {

void declare(CLI::App &app, ListenOptions &options)
{
    static const std::map<std::string, MessageOutput> outputs{
        {"base64", MessageOutput::Base64}, {"hex", MessageOutput::Hex}, {"raw", MessageOutput::Raw}};
    app.add_option("target", options.target, "A ws or wss URI, or a gateway; else the default gateway")
        ->type_name("URI|GATEWAY");
    addList(app, "--tag", options.tags, "Reserve a socket with this tag; may be repeated")->type_name("TAG");
    app.add_option("--count", options.count, "End after so many messages")
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    app.add_option("--timeout", options.listenFor, "End after this time, with 1 if --count is not reached")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.001, 1e6));
    app.add_option("--output", options.output, "hex or base64: binary messages so; raw: all as they came")
        ->transform(CLI::CheckedTransformer(outputs).description(""))
        ->type_name("base64|hex|raw");
    app.add_flag("--send", options.send, "Send lines of standard input as text messages");
    app.add_flag("--quiet", options.quiet, "Do not say on standard error what the socket does");
    declareGateway(app, options.access);
    declareAccess(app, options.access, Credential::Security);
    declareJson(app, options.access, "Print {\"time\", \"type\", \"data\"} for each message");
}

bool isUri(const std::string &target)
{
    return target.find("://") != target.npos;
}

std::optional<Failure> complaintAbout(const ListenOptions &options, const QUrl &uri)
{
    if (!isUri(options.target))
        return std::nullopt;
    const bool isWebSocket = uri.scheme() == QLatin1String("ws") || uri.scheme() == QLatin1String("wss");
    if (!uri.isValid() || !isWebSocket || uri.host().isEmpty())
        return Failure{BadUsage, "URI: expected ws://… or wss://…; an http address goes into --url"};
    if (!options.tags.empty())
        return Failure{BadUsage, "--tag: a URI has its tags already; name a gateway instead"};
    return std::nullopt;
}

int run(const ListenOptions &given, Context &context)
{
    ListenOptions options = given;
    const QUrl uri = isUri(options.target) ? QUrl(QString::fromStdString(options.target)) : QUrl();
    if (const auto failure = complaintAbout(options, uri))
        return fail(context, *failure);
    if (options.send && options.access.token == "-")
        return fail(context, {BadUsage, "--token -: standard input is sent already; use --token-file"});
    if (uri.isEmpty() && !options.target.empty())
        options.access.gateway = options.target;
    const auto access = resolveAccess(options.access, Credential::Security, context);
    if (const auto *failure = std::get_if<Failure>(&access))
        return fail(context, *failure);
    return Listener(options, std::get<Access>(access), uri, context).run();
}

} // namespace

Command listenCommand()
{
    return {
        "listen",
        "Open a socket and print what arrives",
        "Prints each message on a line of its own. Of a gateway it asks for a URI, with the security token "
        "if "
        "one is set, and comes back by itself when the socket ends. A URI is opened once. Ends with 0 on "
        "Ctrl+C, and when the backend closes the socket for good (1000, or 4000 and above). In text, control "
        "characters are shown as \\n or \\x1b; --json and --output raw give what came.",
        {{"mws-gateway listen", "the default gateway"},
         {"mws-gateway listen games --tag players --json", "a socket with a tag, for a program"},
         {"mws-gateway listen --count 1 --timeout 30", "wait for one message, for a script"},
         {"mws-gateway listen 'ws://127.0.0.1:8080/v1/gateways/default/socket?token=…'", "a given URI"}},
        declaredBy<ListenOptions>(declare, run)};
}

} // namespace mws::cli
