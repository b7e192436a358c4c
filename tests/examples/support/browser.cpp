#include "examples/support/browser.h"

#include "client/client_test.h"
#include "examples/support/screenshot.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <csignal>
#include <gtest/gtest.h>
#include <sys/prctl.h>

namespace mws::test {

namespace {

QString wide(const std::string &bytes)
{
    return QString::fromStdString(bytes);
}

QProcessEnvironment driverEnvironment(const QString &folder)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char *name : {"HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"})
        environment.insert(QString::fromLatin1(name), folder);
    environment.insert(QStringLiteral("NODE_PATH"), QStringLiteral(MWS_BROWSER_NODE_MODULES));
    return environment;
}

} // namespace

Browser::Browser() : m_driver(std::make_unique<QProcess>())
{
    const QString folder = wide(m_folder.path().string());
    m_driver->setProcessEnvironment(driverEnvironment(folder));
    m_driver->setWorkingDirectory(folder);
    m_driver->setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGKILL); });
    m_driver->start(QStringLiteral(MWS_NODE),
                    {QStringLiteral(MWS_BROWSER_DRIVER), QStringLiteral(MWS_CHROMIUM),
                     folder + QStringLiteral("/profile")});
    QJsonObject ready;
    if (!waitForAnswer(0, ready)) {
        ADD_FAILURE() << "Chromium did not start: " << m_driver->readAllStandardError().toStdString();
        m_driver->kill();
    }
}

Browser::~Browser()
{
    m_driver->closeWriteChannel();
    const auto ended = [&] { return m_driver->state() == QProcess::NotRunning; };
    if (!waitUntil(ended, browserPatience)) {
        ADD_FAILURE() << "the browser did not end";
        m_driver->kill();
    }
    m_driver->waitForFinished(int(std::chrono::milliseconds(browserPatience).count()));
}

bool Browser::isRunning() const
{
    return m_driver->state() == QProcess::Running;
}

bool Browser::waitForAnswer(int id, QJsonObject &answer)
{
    const auto isThere = [&] {
        m_incoming += m_driver->readAllStandardOutput();
        for (qsizetype end; (end = m_incoming.indexOf('\n')) >= 0; m_incoming.remove(0, end + 1)) {
            const QJsonObject object = QJsonDocument::fromJson(m_incoming.left(end)).object();
            m_answers.insert(object.value(u"id").toInt(-1), object);
        }
        return m_answers.contains(id) || m_driver->state() == QProcess::NotRunning;
    };
    // The driver has the deadline; this one is for a driver that hangs.
    waitUntil(isThere, 2 * browserPatience);
    answer = m_answers.take(id);
    return !answer.isEmpty();
}

QJsonValue Browser::call(const char *name, QJsonObject parameters)
{
    const int id = ++m_lastId;
    parameters.insert(u"id", id);
    parameters.insert(u"call", QString::fromLatin1(name));
    parameters.insert(u"timeout", int(std::chrono::milliseconds(browserPatience).count()));
    const QByteArray line = QJsonDocument(parameters).toJson(QJsonDocument::Compact);
    m_driver->write(line + '\n');
    QJsonObject answer;
    if (!waitForAnswer(id, answer))
        answer.insert(u"error",
                      QStringLiteral("no answer; ") + QString::fromUtf8(m_driver->readAllStandardError()));
    if (answer.contains(u"error"))
        ADD_FAILURE() << line.toStdString() << ": " << answer.value(u"error").toString().toStdString();
    return answer.value(u"result");
}

Page Browser::open(const QUrl &url, int width, int height)
{
    Page page(*this, ++m_lastPage);
    page.call("open", {{QStringLiteral("url"), url.toString()},
                       {QStringLiteral("width"), width},
                       {QStringLiteral("height"), height}});
    return page;
}

Page::Page(Page &&other) noexcept : m_browser(other.m_browser), m_id(other.m_id)
{
    other.m_id = 0;
}

Page::~Page()
{
    if (m_id != 0 && m_browser->isRunning())
        call("close");
}

QJsonValue Page::call(const char *name, QJsonObject parameters)
{
    parameters.insert(u"page", m_id);
    const bool hadFailed = ::testing::Test::HasFailure();
    const QJsonValue result = m_browser->call(name, std::move(parameters));
    // The page's own words often say why.
    if (!hadFailed && ::testing::Test::HasFailure() && m_browser->isRunning())
        ADD_FAILURE() << "errors of the page: " << ::testing::PrintToString(errors());
    return result;
}

void Page::reload()
{
    call("reload");
}

void Page::click(const std::string &selector)
{
    call("click", {{QStringLiteral("selector"), wide(selector)}});
}

void Page::type(const std::string &selector, const std::string &keys, Then then)
{
    call("type", {{QStringLiteral("selector"), wide(selector)},
                  {QStringLiteral("text"), wide(keys)},
                  {QStringLiteral("enter"), then == Then::Enter}});
}

bool Page::waitFor(const std::string &expression, int polling)
{
    const QJsonValue result =
        call("waitFor", {{QStringLiteral("script"), wide(expression)}, {QStringLiteral("polling"), polling}});
    return result.isNull();
}

QJsonValue Page::evaluate(const std::string &expression)
{
    return call("evaluate", {{QStringLiteral("script"), wide(expression)}});
}

std::string Page::text(const std::string &selector)
{
    return call("text", {{QStringLiteral("selector"), wide(selector)}}).toString().toStdString();
}

std::vector<std::string> Page::errors()
{
    std::vector<std::string> result;
    const QJsonArray errors = m_browser->call("errors", {{QStringLiteral("page"), m_id}}).toArray();
    for (const QJsonValue &error : errors)
        result.push_back(error.toString().toStdString());
    return result;
}

void Page::screenshot(const std::string &example, const std::string &name)
{
    const QString path = screenshotPath(example, name);
    call("screenshot", {{QStringLiteral("path"), path}});
    checkScreenshot(QImage(path), path);
}

} // namespace mws::test
