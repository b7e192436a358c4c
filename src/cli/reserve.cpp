#include "cli/commands.h"
#include "cli/gateway_calls.h"
#include "cli/json_text.h"

namespace mws::cli {

namespace {

struct Options
{
    AccessOptions access;
    std::vector<std::string> tags;
    std::string user;
    std::string clientMessages;
    int expires = 0;
    bool reuse = false;
};

void declare(CLI::App &app, Options &options)
{
    app.add_option("gateway-id", options.access.gateway, "Which gateway; else the default one")
        ->type_name("GATEWAY");
    addList(app, "--tag", options.tags, "A tag of the socket; may be repeated")->type_name("TAG");
    app.add_option("--user", options.user, "Whose socket it is")->type_name("USER");
    app.add_option("--expires", options.expires, "How long the URI can be opened; the gateway's default: 300")
        ->type_name("SECONDS")
        ->check(CLI::Range(1, 86400));
    app.add_flag("--reuse", options.reuse, "The URI opens again until it expires");
    app.add_option("--client-messages", options.clientMessages,
                   "ignore, echo, relay, publish or webhook; else the gateway's")
        ->type_name("POLICY");
    declareAccess(app, options.access, Credential::Security);
    declareTimeout(app, options.access);
    declareJson(app, options.access, "Print {\"id\", \"uri\", \"expiresAt\", \"tags\"}");
}

std::string bodyOf(const Options &options)
{
    JsonText body;
    body.add("tags", options.tags);
    if (!options.user.empty())
        body.add("user", options.user);
    if (options.expires > 0)
        body.add("expiresIn", options.expires);
    if (options.reuse)
        body.add("reuse", true);
    if (!options.clientMessages.empty())
        body.add("clientMessages", options.clientMessages);
    return body.text();
}

int run(const Options &options, Context &context)
{
    const auto access = resolveAccess(options.access, Credential::Security, context);
    if (const auto *failure = std::get_if<Failure>(&access))
        return fail(context, *failure);
    GatewayCalls calls(std::get<Access>(access));
    const Answer answer = calls.call("POST", calls.access().pathOf("/sockets"), bodyOf(options));
    if (answer.failure)
        return fail(context, *answer.failure);
    context.terminal.line(options.access.json
                              ? answer.body
                              : printable(answer.json()[QLatin1String("uri")].toString().toStdString()));
    return Good;
}

} // namespace

Command reserveCommand()
{
    return {
        "reserve",
        "Reserve a socket and print its URI",
        "Asks the gateway for a URI that opens one socket with these tags, and prints it. Needs the security "
        "token. The URI is a key: whoever has it can open the socket.",
        {{"mws-gateway reserve --tag user:42 --tag players", "a URI of the default gateway"},
         {"mws-gateway listen \"$(mws-gateway reserve games --tag players)\"", "and open it at once"}},
        declaredBy<Options>(declare, run)};
}

} // namespace mws::cli
