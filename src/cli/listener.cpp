#include "cli/listener.h"

#include "base/iso_time.h"
#include "cli/interrupts.h"
#include "cli/json_text.h"
#include "client/retry_rules.h"
#include "client/uri_answer.h"

#include <QNetworkAccessManager>
#include <chrono>

namespace mws::cli {

namespace {

constexpr qint64 longestMessage = 256 << 20;
constexpr int firstFinalCode = 4000; ///< docs/clients.md: from here on, backends say "stay away"
constexpr int closePatience = 2000;  ///< ms for the gateway's answer to our Close

/// `in 1.2 s`
std::string inSeconds(int milliseconds)
{
    return "in " + QString::number(milliseconds / 1000.0, 'f', 1).toStdString() + " s";
}

} // namespace

Listener::Listener(const ListenOptions &options, Access access, const QUrl &uri, Context &context)
    : m_options(options), m_context(context), m_calls(std::move(access)), m_uri(uri)
{
    m_client.setMaxMessageSize(longestMessage);
    m_client.setCloseTimeout(closePatience);
    if (m_calls.access().ssl)
        m_client.setSslConfiguration(*m_calls.access().ssl);
    connectClient();
    m_timer.setSingleShot(true);
    QObject::connect(&m_timer, &QTimer::timeout, &m_client, [this] { timeIsUp(); });
    if (options.send)
        m_input = std::make_unique<InputLines>([this](const QByteArray &line) { return sendLine(line); });
}

void Listener::connectClient()
{
    if (m_uri.isEmpty())
        m_client.setUriProvider([this](MwsClient::UriAnswer answer) { askForUri(std::move(answer)); });
    else
        m_client.setUrl(m_uri);
    QObject::connect(&m_client, &MwsClient::opened, &m_client, [this] { opened(); });
    QObject::connect(&m_client, &MwsClient::closed, &m_client,
                     [this](int code, const QString &reason) { closed(code, reason); });
    QObject::connect(&m_client, &MwsClient::attemptFailed, &m_client,
                     [this](const QString &error) { attemptFailed(error); });
    QObject::connect(&m_client, &MwsClient::errorOccurred, &m_client, [this](const QString &error) {
        if (!m_isEnding)
            attemptFailed(error);
    });
    QObject::connect(&m_client, &MwsClient::messageReceived, &m_client,
                     [this](const QString &message) { received(message.toUtf8(), true); });
    QObject::connect(&m_client, &MwsClient::binaryMessageReceived, &m_client,
                     [this](const QByteArray &message) { received(message, false); });
    QObject::connect(&m_client, &MwsClient::bytesWritten, &m_client, [this] {
        if (m_input && m_client.state() == MwsClient::Open)
            m_input->resume();
    });
}

int Listener::run()
{
    const Interrupts interrupts([this] { end(Good); });
    if (m_options.listenFor > 0)
        m_timer.start(int(m_options.listenFor * 1000));
    m_client.open();
    m_loop.exec();
    return m_code;
}

/// With tags it takes a reservation, which needs the security token.
void Listener::askForUri(MwsClient::UriAnswer answer)
{
    const bool reserves = !m_options.tags.empty();
    m_calls.start(
        reserves ? "POST" : "GET", m_calls.access().pathOf(reserves ? "/sockets" : "/websocket_uri"),
        reserves ? JsonText().add("tags", m_options.tags).text() : std::string(),
        [this, answer = std::move(answer)](const Answer &got) {
            m_lastFailure = got.failure;
            if (!got.failure)
                answer(client::parseUriAnswer(QByteArray::fromStdString(got.body), m_calls.access().root));
            else if (got.status != 0 && !client::isPassing(got.status))
                answer(MwsUriAnswer::refused(QString::fromStdString(got.failure->text)));
            else
                answer(MwsUriAnswer::failed(QString::fromStdString(got.failure->text)));
        });
}

void Listener::opened()
{
    m_wasOpen = true;
    std::string text = "open";
    if (!m_client.socketId().isEmpty())
        text += ", socket " + m_client.socketId().toStdString();
    if (!m_client.tags().isEmpty())
        text += ", tags " + m_client.tags().join(QLatin1String(", ")).toStdString();
    note(printable(text));
    if (m_input)
        m_input->resume();
}

void Listener::closed(int code, const QString &reason)
{
    if (m_isEnding)
        return m_loop.quit();
    const std::string why = reason.isEmpty() ? std::string() : ": " + printable(reason.toStdString());
    const std::string text = (code == 1006 ? "lost" : "closed with " + std::to_string(code)) + why;
    if (code == 1000 || code >= firstFinalCode) {
        note(text);
        return end(Good);
    }
    if (!m_uri.isEmpty()) {
        return end(fail(m_context, {Failed, text + "; a URI opens one socket once, so this is the end"}));
    }
    note(text + "; asking for another URI " + inSeconds(m_client.reconnectIn()));
}

void Listener::attemptFailed(const QString &error)
{
    const bool isRefused = m_client.state() == MwsClient::Failed;
    const bool isOver = isRefused || !m_wasOpen || !m_uri.isEmpty();
    if (!isOver)
        return note(printable(error.toStdString()) + "; next attempt " + inSeconds(m_client.reconnectIn()));
    if (m_lastFailure)
        return end(fail(m_context, *m_lastFailure));
    const bool isAnswer = isRefused || error.startsWith(QLatin1String("the server answered"));
    end(fail(m_context,
             {isAnswer ? Failed : Unreachable,
              "the socket does not open: " + printable(error.toStdString()) + adviceOnCertificate(error)}));
}

void Listener::received(const QByteArray &data, bool isText)
{
    if (m_isEnding)
        return;
    print(data, isText);
    if (++m_received == m_options.count)
        end(Good);
}

void Listener::print(const QByteArray &data, bool isText)
{
    const QByteArray coded = m_options.output == MessageOutput::Hex ? data.toHex() : data.toBase64();
    if (m_options.access.json) {
        JsonText line;
        line.add("time", isoTime(std::chrono::system_clock::now())).add("type", isText ? "text" : "binary");
        return m_context.terminal.line(line.add("data", (isText ? data : coded).toStdString()).text());
    }
    if (m_options.output == MessageOutput::Raw)
        m_context.terminal.write((isText ? data + '\n' : data).toStdString());
    else
        m_context.terminal.line(isText ? printable(data.toStdString()) : coded.toStdString());
}

bool Listener::sendLine(const QByteArray &line)
{
    return m_client.state() == MwsClient::Open && m_client.send(QString::fromUtf8(line));
}

void Listener::timeIsUp()
{
    if (m_isEnding)
        return;
    if (!m_wasOpen && m_options.count == 0)
        return end(fail(m_context, {Unreachable, "the time is up: no socket opened"}));
    if (m_options.count == 0)
        return end(Good);
    end(fail(m_context, {Failed, "the time is up: " + std::to_string(m_received) + " of " +
                                     std::to_string(m_options.count) + " messages came"}));
}

void Listener::end(int code)
{
    if (m_isEnding)
        return;
    m_isEnding = true;
    m_code = code;
    const bool hasSocket = m_client.state() == MwsClient::Open;
    m_client.close();
    if (!hasSocket)
        QMetaObject::invokeMethod(&m_loop, &QEventLoop::quit, Qt::QueuedConnection);
}

void Listener::note(const std::string &text)
{
    if (!m_options.quiet)
        m_context.terminal.note(text);
}

} // namespace mws::cli
