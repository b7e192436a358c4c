#include "cli/commands.h"
#include "cli/gateway_calls.h"
#include "cli/json_text.h"
#include "json/json_reader.h"

#include <QByteArray>
#include <QJsonArray>
#include <QJsonDocument>

namespace mws::cli {

namespace {

constexpr size_t longestData = 64 << 20; // the gateway has its own limit

struct Options
{
    AccessOptions access;
    std::vector<std::string> operands; ///< [GATEWAY] DATA
    std::vector<std::string> tags;
    std::vector<std::string> sockets;
    std::vector<std::string> exclude;
    std::string binaryFile;
    std::string id;
    int ttl = 0;
    bool toAll = false;
    bool isJson = false;
};

void declare(CLI::App &app, Options &options)
{
    app.add_option("operands", options.operands, "What is sent; - reads standard input")
        ->type_name("[GATEWAY] DATA")
        ->expected(1, 2);
    app.add_flag("--to-all", options.toAll, "To every socket of the gateway");
    addList(app, "--to-tag", options.tags, "To sockets with this tag; may be repeated")->type_name("TAG");
    addList(app, "--to-socket", options.sockets, "To this socket; may be repeated")->type_name("ID");
    addList(app, "--exclude", options.exclude, "Not to this socket; may be repeated")->type_name("ID");
    app.add_option("--ttl", options.ttl, "How long it may wait for a slow reader")
        ->type_name("SECONDS")
        ->check(CLI::Range(1, 86400));
    app.add_option("--id", options.id, "Idempotency key: sent again, it is delivered once")->type_name("KEY");
    app.add_option("--binary", options.binaryFile, "File (or -) that is sent as a binary frame")
        ->type_name("FILE");
    app.add_flag("--data-json", options.isJson, "DATA is a JSON value, and arrives without white space");
    declareGateway(app, options.access);
    declareAccess(app, options.access, Credential::Security);
    declareTimeout(app, options.access);
    declareJson(app, options.access, "Print {\"matched\", \"dropped\"}");
}

/// What is sent, as the members `data` and at need `encoding` of the message.
std::variant<std::string, Failure> dataMembers(const Options &options, const std::string &operand,
                                               Context &context)
{
    if (!options.binaryFile.empty()) {
        auto read = readInput(options.binaryFile, longestData, context);
        if (auto *failure = std::get_if<Failure>(&read))
            return Failure{failure->code, "--binary: " + failure->text};
        const QByteArray encoded = QByteArray::fromStdString(std::get<std::string>(read)).toBase64();
        return "\"data\":\"" + encoded.toStdString() + "\",\"encoding\":\"base64\"";
    }
    auto read = operand == "-" ? readInput(operand, longestData, context) : operand;
    if (std::holds_alternative<Failure>(read))
        return read;
    const std::string &data = std::get<std::string>(read);
    if (!isUtf8(data))
        return Failure{BadUsage, "DATA: this is not UTF-8, as text has to be; --binary sends any bytes"};
    if (!options.isJson)
        return "\"data\":" + quotedJson(data);
    // As the only element of an array, so that it cannot be more than one value.
    const auto parsed = QJsonDocument::fromJson(QByteArray::fromStdString('[' + data + ']'));
    if (parsed.array().size() != 1)
        return Failure{BadUsage, "DATA: with --data-json this has to be one JSON value"};
    return "\"data\":" + data;
}

std::string messageOf(const Options &options, const std::string &data)
{
    JsonText receivers;
    receivers.add("sockets", options.toAll ? std::vector<std::string>{"*"} : options.sockets);
    receivers.add("tags", options.tags);
    if (!options.exclude.empty())
        receivers.add("exclude", options.exclude);
    std::string text = '{' + data + ",\"receivers\":" + receivers.text();
    if (options.ttl > 0)
        text += ",\"ttl\":" + std::to_string(options.ttl);
    if (!options.id.empty())
        text += ",\"id\":" + quotedJson(options.id);
    return text + '}';
}

/// A number of `matched=N, dropped=M`; -1 if it is not there.
int64_t countIn(const std::string &field, const std::string &name)
{
    const size_t at = field.find(name + '=');
    return at == field.npos
               ? -1
               : QByteArray::fromStdString(field.substr(at + name.size() + 1)).split(',')[0].toLongLong();
}

void report(const Answer &answer, const Options &options, Context &context)
{
    const int64_t matched = countIn(answer.receivers, "matched");
    const int64_t dropped = countIn(answer.receivers, "dropped");
    if (options.access.json)
        return context.terminal.line(JsonText().add("matched", matched).add("dropped", dropped).text());
    std::string text = matched == 0   ? "sent; no open socket of this node matches"
                       : matched == 1 ? "sent to 1 socket"
                                      : "sent to " + std::to_string(matched) + " sockets";
    if (dropped > 0)
        text += ", of which " + std::to_string(dropped) + " read too slowly to get it";
    context.terminal.line(text);
}

std::optional<Failure> complaintAbout(const Options &options)
{
    if (!options.toAll && options.tags.empty() && options.sockets.empty())
        return Failure{BadUsage, "who gets it? --to-all, --to-tag TAG or --to-socket ID"};
    if (options.toAll && !options.sockets.empty())
        return Failure{BadUsage, "--to-all and --to-socket: all sockets are meant already"};
    const size_t most = options.binaryFile.empty() ? 2 : 1;
    if (options.operands.size() > most)
        return Failure{BadUsage, "DATA: with --binary the file is what is sent"};
    if (options.operands.empty() && options.binaryFile.empty())
        return Failure{BadUsage, "DATA: what is to be sent? (- reads standard input)"};
    if (options.isJson && !options.binaryFile.empty())
        return Failure{BadUsage, "--data-json and --binary exclude each other"};
    if (options.access.token == "-" &&
        (options.binaryFile == "-" || (!options.operands.empty() && options.operands.back() == "-")))
        return Failure{BadUsage, "--token -: standard input is the data already; use --token-file"};
    return std::nullopt;
}

int run(const Options &given, Context &context)
{
    if (const auto failure = complaintAbout(given))
        return fail(context, *failure);
    Options options = given;
    const bool hasData = options.binaryFile.empty();
    if (options.operands.size() == (hasData ? 2 : 1))
        options.access.gateway = options.operands.front();
    const auto access = resolveAccess(options.access, Credential::Security, context);
    if (const auto *failure = std::get_if<Failure>(&access))
        return fail(context, *failure);
    const auto data = dataMembers(options, hasData ? options.operands.back() : std::string(), context);
    if (const auto *failure = std::get_if<Failure>(&data))
        return fail(context, *failure);
    GatewayCalls calls(std::get<Access>(access));
    const Answer answer = calls.call("POST", calls.access().pathOf("/messages"),
                                     messageOf(options, std::get<std::string>(data)));
    if (answer.failure)
        return fail(context, *answer.failure);
    report(answer, options, context);
    return Good;
}

} // namespace

Command publishCommand()
{
    return {
        "publish",
        "Send a message to sockets",
        "Sends DATA as a text message to the open sockets that --to-all, --to-tag and --to-socket name, and "
        "prints how many of this node's sockets matched. A socket that matches in several ways gets it once.",
        {{"mws-gateway publish --to-all 'hello, world'", "to all sockets of the default gateway"},
         {"mws-gateway publish games --to-tag players --data-json '{\"score\": 3}'", "JSON to a tag"},
         {"date | mws-gateway publish --to-tag clocks -", "what another program prints"},
         {"mws-gateway publish --to-socket 0AJ2tealtJXvPRjZC6y1LyNefv8zfR5l --binary photo.jpg",
          "a file as a binary message"}},
        declaredBy<Options>(declare, run)};
}

} // namespace mws::cli
