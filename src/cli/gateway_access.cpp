#include "cli/gateway_access.h"

#include "mws/domain/identifiers.h"

#include <QFile>
#include <QSslCertificate>
#include <algorithm>

namespace mws::cli {

namespace {

constexpr size_t longestToken = 4096;
constexpr double longestTimeout = 86400; // s

/// A text and where it came from, for complaints.
struct Source
{
    std::string text;
    std::string name;
};

Source urlSource(const AccessOptions &options, const Context &context)
{
    if (!options.url.empty())
        return {options.url, "--url"};
    if (std::string url = context.variable("MWS_URL"); !url.empty())
        return {std::move(url), "MWS_URL"};
    const std::string port = context.variable("PORT");
    return {"http://127.0.0.1:" + (port.empty() ? "8080" : port), "PORT"};
}

std::variant<QUrl, Failure> rootOf(const Source &source)
{
    QUrl url(QString::fromStdString(source.text), QUrl::StrictMode);
    const bool isHttp = url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https");
    if (!url.isValid() || !isHttp || url.host().isEmpty() || url.hasQuery() || url.hasFragment() ||
        !url.userInfo().isEmpty())
        return Failure{BadUsage,
                       source.name + ": expected the gateway's address, such as https://push.example.com"};
    QString path = url.path();
    while (path.endsWith(u'/'))
        path.chop(1);
    if (path.endsWith(QLatin1String("/v1")))
        path.chop(3);
    url.setPath(path);
    return url;
}

std::string trimmed(std::string text)
{
    constexpr std::string_view space = " \t\r\n";
    text.erase(text.find_last_not_of(space) + 1);
    text.erase(0, text.find_first_not_of(space));
    return text;
}

std::variant<Source, Failure> tokenSource(const AccessOptions &options, Credential credential,
                                          Context &context)
{
    if (options.token == "-")
        return Source{trimmed(context.terminal.readLine()), "standard input"};
    if (!options.token.empty())
        return Source{options.token, "--token"};
    if (!options.tokenFile.empty()) {
        auto read = readInput(options.tokenFile, longestToken, context);
        if (auto *failure = std::get_if<Failure>(&read))
            return Failure{failure->code, "--token-file: " + failure->text};
        return Source{trimmed(std::get<std::string>(std::move(read))), options.tokenFile};
    }
    const char *names[] = {"SECURITY_TOKEN", "OPERATOR_TOKEN"};
    for (const char *name : names)
        if (credential == Credential::Security || name == names[1])
            if (std::string token = context.variable(name); !token.empty())
                return Source{std::move(token), name};
    return Source{};
}

std::optional<Failure> complaintAbout(const Source &token)
{
    if (token.text.empty() && !token.name.empty())
        return Failure{BadUsage, token.name + ": there is no token in it"};
    const bool isClean =
        std::all_of(token.text.begin(), token.text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (!isClean || token.text.size() > longestToken)
        return Failure{BadUsage, token.name +
                                     ": this is no token: it has space, characters outside of ASCII, "
                                     "or more than 4,096 bytes"};
    return std::nullopt;
}

std::variant<QSslConfiguration, Failure> trusting(const std::string &file)
{
    QFile source(QString::fromStdString(file));
    if (!source.open(QIODevice::ReadOnly))
        return Failure{BadUsage, "--ca-file: " + file + ": " + source.errorString().toStdString()};
    const QList<QSslCertificate> certificates = QSslCertificate::fromDevice(&source);
    if (certificates.isEmpty())
        return Failure{BadUsage, "--ca-file: " + file + ": there is no PEM certificate in it"};
    QSslConfiguration ssl = QSslConfiguration::defaultConfiguration();
    ssl.setCaCertificates(certificates);
    return ssl;
}

} // namespace

void declareAccess(CLI::App &app, AccessOptions &options, Credential credential)
{
    const std::string variable = credential == Credential::Security ? "SECURITY_TOKEN" : "OPERATOR_TOKEN";
    app.add_option("--url", options.url, "Where the gateway is; else MWS_URL")->type_name("URL");
    auto *token =
        app.add_option("--token", options.token, "- reads it from standard input; better set " + variable)
            ->type_name("TOKEN");
    app.add_option("--token-file", options.tokenFile, "File with the token, in the place of " + variable)
        ->type_name("FILE")
        ->excludes(token);
    app.add_option("--ca-file", options.caFile, "Certificates (PEM) to trust for https and wss")
        ->type_name("FILE");
}

void declareGateway(CLI::App &app, AccessOptions &options)
{
    app.add_option("--gateway", options.gateway, "Which gateway; else the default one")->type_name("ID");
}

void declareTimeout(CLI::App &app, AccessOptions &options)
{
    app.add_option("--timeout", options.timeout, "For an answer, in seconds; 10 if not given")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.001, longestTimeout));
}

void declareJson(CLI::App &app, AccessOptions &options, const std::string &what)
{
    app.add_flag("--json", options.json, what);
}

CLI::Option *addList(CLI::App &app, const std::string &name, std::vector<std::string> &values,
                     const std::string &meaning)
{
    return app.add_option(name, values, meaning)->allow_extra_args(false);
}

std::string Access::pathOf(std::string_view rest) const
{
    return (gateway.empty() ? "/v1" : "/v1/gateways/" + gateway).append(rest);
}

QUrl Access::urlOf(std::string_view path) const
{
    const QByteArray encoded = root.toEncoded() + QByteArray(path.data(), qsizetype(path.size()));
    return QUrl::fromEncoded(encoded, QUrl::StrictMode);
}

std::variant<Access, Failure> resolveAccess(const AccessOptions &options, Credential credential,
                                            Context &context)
{
    auto root = rootOf(urlSource(options, context));
    if (auto *failure = std::get_if<Failure>(&root))
        return *failure;
    auto token = tokenSource(options, credential, context);
    if (auto *failure = std::get_if<Failure>(&token))
        return *failure;
    if (auto failure = complaintAbout(std::get<Source>(token)))
        return *failure;
    if (!options.gateway.empty() && !isGatewayId(options.gateway))
        return Failure{BadUsage, "gateway: an id has 1 to 64 characters of A-Za-z0-9_-, found \"" +
                                     printable(options.gateway) + '"'};
    Access access{std::get<QUrl>(root), options.gateway,
                  QByteArray::fromStdString(std::get<Source>(token).text), std::nullopt,
                  int(options.timeout * 1000)};
    if (!options.caFile.empty()) {
        auto ssl = trusting(options.caFile);
        if (auto *failure = std::get_if<Failure>(&ssl))
            return *failure;
        access.ssl = std::get<QSslConfiguration>(ssl);
    }
    return access;
}

std::variant<std::string, Failure> readInput(const std::string &file, size_t limit, Context &context)
{
    std::string content;
    if (file == "-") {
        content = context.terminal.readAll(limit);
    } else {
        QFile source(QString::fromStdString(file));
        if (!source.open(QIODevice::ReadOnly))
            return Failure{BadUsage, file + ": " + source.errorString().toStdString()};
        content = source.read(qint64(limit) + 1).toStdString();
    }
    const std::string name = file == "-" ? "standard input" : file;
    if (content.size() > limit)
        return Failure{BadUsage, name + ": more than " + std::to_string(limit) + " bytes"};
    return content;
}

} // namespace mws::cli
