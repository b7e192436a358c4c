#include "cli/gateway_calls.h"

#include "client/http_call.h"
#include "client/retry_rules.h"

#include <QEventLoop>
#include <QJsonDocument>
#include <algorithm>

namespace mws::cli {

namespace {

constexpr qint64 longestAnswer = 256 << 20;

std::string textOf(const QJsonValue &value)
{
    return printable(value.toString().toStdString());
}

/// What the body says of the error, in its own words; empty if it is not one of a gateway's.
std::string wordsOf(const QJsonObject &body)
{
    const QJsonObject error = body[QLatin1String("error")].toObject();
    if (!error.isEmpty())
        return textOf(error[QLatin1String("message")]) + " (" + textOf(error[QLatin1String("reason")]) + ')';
    std::string text;
    for (const QJsonValue &entry : body[QLatin1String("errors")].toArray()) {
        const std::string property = textOf(entry[QLatin1String("property")]);
        text += (text.empty() ? "" : "; ") + property + (property.empty() ? "" : ": ") +
                textOf(entry[QLatin1String("message")]);
    }
    return text;
}

/// A refusal in the gateway's own words, for people and for programs.
Failure refusalOf(int status, const QJsonObject &body, std::string text)
{
    const QJsonArray errors = body[QLatin1String("errors")].toArray();
    const QJsonValue first = errors.isEmpty() ? body[QLatin1String("error")] : errors.first();
    return {Failed, std::move(text), textOf(first[QLatin1String("reason")]), status,
            errors.isEmpty() ? std::string()
                             : QJsonDocument(errors).toJson(QJsonDocument::Compact).toStdString()};
}

std::string adviceFor(int status, bool hasBearer)
{
    if (status == 401)
        return hasBearer ? ". The token that was given is not good for this"
                         : ". No token was given: set SECURITY_TOKEN (OPERATOR_TOKEN for the operator's "
                           "calls), or name a --token-file";
    return {};
}

} // namespace

QJsonObject Answer::json() const
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(body)).object();
}

Answer GatewayCalls::call(std::string_view method, std::string_view path, std::string body)
{
    QEventLoop loop;
    Answer result;
    start(method, path, std::move(body), [&](const Answer &answer) {
        result = answer;
        loop.quit();
    });
    loop.exec();
    return result;
}

void GatewayCalls::start(std::string_view method, std::string_view path, std::string body,
                         std::function<void(const Answer &)> done)
{
    client::HttpQuestion question;
    question.method = QByteArray(method.data(), qsizetype(method.size()));
    question.request = client::boundedRequest(m_access.urlOf(path), QNetworkRequest::ManualRedirectPolicy);
    if (!body.empty())
        question.request.setHeader(QNetworkRequest::ContentTypeHeader, QStringLiteral("application/json"));
    if (!m_access.bearer.isEmpty())
        question.request.setRawHeader("Authorization", "Bearer " + m_access.bearer);
    if (m_access.ssl)
        question.request.setSslConfiguration(*m_access.ssl);
    question.body = QByteArray::fromStdString(body);
    question.timeout = m_access.timeout;
    question.maxBytes = longestAnswer;
    question.isOnce = method != "GET";
    auto *call = new client::HttpCall(m_network, question, &m_calls);
    QObject::connect(
        call, &client::HttpCall::done, call,
        [this, call, done = std::move(done), name = std::string(method)](const client::HttpResult &result) {
            const Answer answer = answerOf(result, name);
            call->deleteLater();
            done(answer);
        });
}

Answer GatewayCalls::answerOf(const client::HttpResult &result, std::string_view method) const
{
    Answer answer{result.status, result.body.toStdString(), result.receivers.toStdString(), std::nullopt};
    const std::string place = m_access.place();
    if (result.failure != client::HttpFailure::None) {
        const std::string advice = adviceOnCertificate(result.error);
        answer.failure = Failure{
            Unreachable,
            "cannot reach " + place + ": " + result.error.toStdString() +
                (advice.empty() ? ". Does the gateway run there? --url or MWS_URL says where" : advice)};
        return answer;
    }
    const QJsonObject body = answer.json();
    const std::string status = client::statusText(result.status).toStdString();
    const std::string words = wordsOf(body);
    if (result.status >= 200 && result.status < 300) {
        if (body.isEmpty() && result.status != 204 && method != "DELETE")
            answer.failure =
                Failure{Failed,
                        place + " answered " + status + ", but not as a gateway does: what is there?",
                        {},
                        result.status};
    } else if (words.empty()) {
        const bool isAway = result.status >= 502 && result.status <= 504;
        answer.failure = Failure{isAway ? Unreachable : Failed,
                                 place + " answered " + status + ", and not as a gateway does: " +
                                     (isAway ? "the proxy there does not reach it" : "what is there?"),
                                 {},
                                 result.status};
    } else {
        answer.failure =
            refusalOf(result.status, body,
                      status + ": " + words + adviceFor(result.status, !m_access.bearer.isEmpty()));
        if (!result.retryAfter.isEmpty())
            answer.failure->text += ". Try again in " + printable(result.retryAfter.toStdString()) + " s";
    }
    return answer;
}

std::string adviceOnCertificate(const QString &error)
{
    const auto says = [&error](const char *words) {
        return error.contains(QLatin1String(words), Qt::CaseInsensitive);
    };
    if (!says("certificate"))
        return {};
    if (says("host name"))
        return ". The address has to name a host that the certificate is for";
    if (says("issuer") || says("self-signed") || says("self signed") || says("trusted"))
        return ". --ca-file names a file with the certificate of the authority that signed it";
    return {};
}

std::string percentEncoded(std::string_view text)
{
    return QByteArray(text.data(), qsizetype(text.size())).toPercentEncoding().toStdString();
}

std::string queryOf(const std::vector<std::pair<std::string, std::string>> &values)
{
    std::string query;
    for (const auto &[name, value] : values)
        if (!value.empty())
            query += (query.empty() ? '?' : '&') + name + '=' + percentEncoded(value);
    return query;
}

std::string table(const std::vector<std::vector<std::string>> &rows, const Terminal &terminal)
{
    std::vector<size_t> widths;
    for (const auto &row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], size_t(QString::fromStdString(row[i]).size()));
    }
    std::string text;
    for (const auto &row : rows) {
        std::string line;
        for (size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 < row.size())
                line.append(widths[i] + 2 - size_t(QString::fromStdString(row[i]).size()), ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += (&row == &rows.front() ? terminal.shaded(Shade::Strong, line) : line) + '\n';
    }
    return text;
}

std::string joined(const QJsonArray &texts)
{
    std::string result;
    for (const QJsonValue &text : texts)
        result += (result.empty() ? "" : ", ") + printable(text.toString().toStdString());
    return result;
}

} // namespace mws::cli
