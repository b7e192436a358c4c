#include "cli/commands.h"
#include "cli/gateway_calls.h"
#include "cli/json_text.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace mws::cli {

namespace {

constexpr int64_t page = 1000; ///< sockets that are asked for at a time

struct Options
{
    AccessOptions access;
    std::string tag;
    std::string user;
    std::string issuedBefore;
    std::string reason;
    std::vector<std::string> ids;
    std::vector<std::string> add;
    std::vector<std::string> remove;
    int64_t limit = 0;
    int code = 0;
};

std::string text(const QJsonValue &value)
{
    return printable(value.toString().toStdString());
}

std::string compact(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
}

/// Writes a list as its pages come, so that there may be any number of sockets.
class ListWriter
{
public:
    ListWriter(Terminal &terminal, bool json) : m_terminal(terminal), m_json(json)
    {
        if (m_json)
            m_terminal.write("{\"results\":[");
    }

    void write(const QJsonArray &sockets)
    {
        std::vector<std::vector<std::string>> rows;
        if (m_count == 0 && !sockets.isEmpty())
            rows.push_back({"ID", "CONNECTED", "TAGS"});
        for (const QJsonValue &socket : sockets) {
            if (m_json)
                m_terminal.write((m_count++ > 0 ? "," : "") + compact(socket.toObject()));
            else
                rows.push_back({text(socket[QLatin1String("id")]), text(socket[QLatin1String("connectedAt")]),
                                joined(socket[QLatin1String("tags")].toArray())});
        }
        if (!m_json) {
            m_count += sockets.size();
            m_terminal.write(table(rows, m_terminal));
        }
    }

    void end()
    {
        if (m_json)
            m_terminal.line("]}");
        else if (m_count == 0)
            m_terminal.note("no open sockets");
    }

private:
    Terminal &m_terminal;
    const bool m_json;
    int64_t m_count = 0;
};

int list(const Options &options, Context &context)
{
    const auto access = resolveAccess(options.access, Credential::Security, context);
    if (const auto *failure = std::get_if<Failure>(&access))
        return fail(context, *failure);
    GatewayCalls calls(std::get<Access>(access));
    std::optional<ListWriter> writer;
    int64_t left = options.limit > 0 ? options.limit : std::numeric_limits<int64_t>::max();
    for (std::string cursor; left > 0;) {
        const std::string query = queryOf(
            {{"tag", options.tag}, {"limit", std::to_string(std::min(left, page))}, {"cursor", cursor}});
        const Answer answer = calls.call("GET", calls.access().pathOf("/sockets" + query));
        if (answer.failure)
            return fail(context, *answer.failure);
        if (!writer)
            writer.emplace(context.terminal, options.access.json);
        const QJsonObject json = answer.json();
        const QJsonArray sockets = json[QLatin1String("results")].toArray();
        writer->write(sockets);
        left -= sockets.size();
        cursor = json[QLatin1String("cursor")].toString().toStdString();
        if (cursor.empty())
            break;
    }
    writer->end();
    return Good;
}

void printSocket(const Answer &answer, const Options &options, Context &context)
{
    if (options.access.json)
        return context.terminal.line(answer.body);
    const QJsonObject socket = answer.json();
    std::vector<std::vector<std::string>> rows;
    for (const char *key : {"id", "connectedAt", "tags", "user", "remote", "queuedBytes"}) {
        const QJsonValue value = socket[QLatin1String(key)];
        if (value.isArray())
            rows.push_back({key, joined(value.toArray())});
        else if (value.isDouble())
            rows.push_back({key, std::to_string(value.toInteger())});
        else if (value.isString())
            rows.push_back({key, text(value)});
    }
    context.terminal.write(table(rows, context.terminal));
}

std::string socketPath(const GatewayCalls &calls, const std::string &id)
{
    return calls.access().pathOf("/sockets/" + percentEncoded(id));
}

int show(const Options &options, Context &context)
{
    const auto access = resolveAccess(options.access, Credential::Security, context);
    if (const auto *failure = std::get_if<Failure>(&access))
        return fail(context, *failure);
    GatewayCalls calls(std::get<Access>(access));
    const Answer answer = calls.call("GET", socketPath(calls, options.ids.front()));
    if (answer.failure)
        return fail(context, *answer.failure);
    printSocket(answer, options, context);
    return Good;
}

int changeTags(const Options &options, Context &context)
{
    if (options.add.empty() && options.remove.empty())
        return fail(context, {BadUsage, "what is to change? --add TAG or --remove TAG"});
    const auto access = resolveAccess(options.access, Credential::Security, context);
    if (const auto *failure = std::get_if<Failure>(&access))
        return fail(context, *failure);
    GatewayCalls calls(std::get<Access>(access));
    const std::string body = JsonText().add("addTags", options.add).add("removeTags", options.remove).text();
    const Answer answer = calls.call("PATCH", socketPath(calls, options.ids.front()), body);
    if (answer.failure)
        return fail(context, *answer.failure);
    printSocket(answer, options, context);
    return Good;
}

Failure about(const std::string &id, Failure failure)
{
    failure.text = printable(id) + ": " + failure.text;
    return failure;
}

/// Closes those of the ids, one after the other; goes on after one that is not there.
int closeEach(const Options &options, GatewayCalls &calls, const std::string &query, Context &context)
{
    int code = Good;
    std::vector<std::string> closed;
    for (const std::string &id : options.ids) {
        const Answer answer = calls.call("DELETE", socketPath(calls, id) + query);
        if (!answer.failure)
            closed.push_back(id);
        else
            code = std::max(code, fail(context, about(id, *answer.failure)));
        if (code == Unreachable)
            break;
    }
    if (options.access.json)
        context.terminal.line(JsonText().add("closed", closed).text());
    else
        for (const std::string &id : closed)
            context.terminal.line("closed " + id);
    return code;
}

int closeMatching(const Options &options, GatewayCalls &calls, const std::string &query, Context &context)
{
    const Answer answer = calls.call("DELETE", calls.access().pathOf("/sockets" + query));
    if (answer.failure)
        return fail(context, *answer.failure);
    const QJsonObject json = answer.json();
    context.terminal.line(options.access.json
                              ? answer.body
                              : "closed " + std::to_string(json[QLatin1String("closed")].toInteger()) +
                                    ", reservations revoked " +
                                    std::to_string(json[QLatin1String("revoked")].toInteger()));
    return Good;
}

int close(const Options &options, Context &context)
{
    const bool hasFilter = !options.tag.empty() || !options.user.empty() || !options.issuedBefore.empty();
    if (options.ids.empty() == !hasFilter)
        return fail(context, {BadUsage, "which ones? IDs, or --tag, --user and --issued-before"});
    const auto access = resolveAccess(options.access, Credential::Security, context);
    if (const auto *failure = std::get_if<Failure>(&access))
        return fail(context, *failure);
    GatewayCalls calls(std::get<Access>(access));
    const std::string query = queryOf({{"tag", options.tag},
                                       {"user", options.user},
                                       {"issuedBefore", options.issuedBefore},
                                       {"code", options.code > 0 ? std::to_string(options.code) : ""},
                                       {"reason", options.reason}});
    return hasFilter ? closeMatching(options, calls, query, context)
                     : closeEach(options, calls, query, context);
}

void declareCommon(CLI::App &app, Options &options, const std::string &json)
{
    declareAccess(app, options.access, Credential::Security);
    declareTimeout(app, options.access);
    declareJson(app, options.access, json);
}

void declareList(CLI::App &app, Options &options)
{
    app.add_option("--tag", options.tag, "Only those with this tag")->type_name("TAG");
    app.add_option("--limit", options.limit, "At most so many; all if not given")
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    declareCommon(app, options, "Print {\"results\": [{\"id\", \"connectedAt\", \"tags\"}]}");
}

void declareClose(CLI::App &app, Options &options)
{
    app.add_option("id", options.ids, "Sockets, or reservations")->type_name("ID...");
    app.add_option("--tag", options.tag, "All with this tag")->type_name("TAG");
    app.add_option("--user", options.user, "All of this user")->type_name("USER");
    app.add_option("--issued-before", options.issuedBefore,
                   "All whose URI was issued before, such as 2027-01-01T00:00:00Z")
        ->type_name("TIME");
    app.add_option("--code", options.code, "Close code: 1000, 1001, 1008, 1011 to 1014, 3000 to 4999")
        ->type_name("N");
    app.add_option("--reason", options.reason, "What the client is told")->type_name("TEXT");
    declareCommon(app, options, "Print {\"closed\"}: ids, or with a filter numbers, and \"revoked\"");
}

void declareParts(CLI::App &app, Action &action)
{
    const auto options = std::make_shared<Options>();
    app.add_option("gateway-id", options->access.gateway, "Which gateway; else the default one")
        ->type_name("GATEWAY");
    declareList(app, *options);
    onRun(app, action, options, list);

    CLI::App &listPart = *addPart(app, "list", "List open sockets; what is done without a word");
    declareList(listPart, *options);
    onRun(listPart, action, options, list);

    CLI::App &showPart = *addPart(app, "show", "Show one, with its user, address and queue");
    showPart.add_option("id", options->ids, "The socket")->type_name("ID")->required()->expected(1);
    declareCommon(showPart, *options, "Print the socket as the gateway does");
    onRun(showPart, action, options, show);

    CLI::App &closePart = *addPart(app, "close", "Close sockets and revoke reservations");
    declareClose(closePart, *options);
    onRun(closePart, action, options, close);

    CLI::App &tagPart = *addPart(app, "tag", "Change a socket's tags");
    tagPart.add_option("id", options->ids, "The socket")->type_name("ID")->required()->expected(1);
    addList(tagPart, "--add", options->add, "A tag that it gets; may be repeated")->type_name("TAG");
    addList(tagPart, "--remove", options->remove, "A tag that it loses; may be repeated")->type_name("TAG");
    declareCommon(tagPart, *options, "Print the socket as the gateway does");
    onRun(tagPart, action, options, changeTags);
}

} // namespace

Command socketsCommand()
{
    return {"sockets",
            "List, show, close and tag sockets",
            "What a backend can do with the open sockets of a gateway. Needs the security token.",
            {{"mws-gateway sockets", "list those of the default gateway"},
             {"mws-gateway sockets games list --tag players --json", "for a program"},
             {"mws-gateway sockets show 0AJ2tealtJXvPRjZC6y1LyNefv8zfR5l", "one of them"},
             {"mws-gateway sockets close --user eva --reason 'signed out'", "throw somebody out"},
             {"mws-gateway sockets tag 0AJ2tealtJXvPRjZC6y1LyNefv8zfR5l --add vip", "give it a tag"}},
            declareParts};
}

} // namespace mws::cli
