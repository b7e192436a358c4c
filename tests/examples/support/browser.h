#pragma once

#include "support/gateway_process.h"

#include <QByteArray>
#include <QHash>
#include <QJsonObject>
#include <QJsonValue>
#include <QString>
#include <QUrl>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

class QProcess;

namespace mws::test {

/// Ends a hang only: a call of the browser, or what an example is waited for.
inline constexpr std::chrono::seconds browserPatience{30};

class Page;

/// Headless Chromium, led by a node program (browser/driver.js). While a call waits, the event loop runs, so
/// that Qt clients of the same test live on. What goes wrong is a failure of the test and names the call. The
/// node program and Chromium end with this object, or with this process. Thread: the application's.
class Browser
{
public:
    Browser();
    ~Browser();
    Browser(const Browser &) = delete;
    Browser &operator=(const Browser &) = delete;

    /// False: it did not start, the test has failed already.
    bool isRunning() const;
    /// A new page with cookies and storage of its own, loaded. Size in CSS pixels.
    Page open(const QUrl &url, int width = 800, int height = 600);

private:
    friend class Page;
    QJsonValue call(const char *name, QJsonObject parameters);
    bool waitForAnswer(int id, QJsonObject &answer);

    TemporaryFolder m_folder;
    std::unique_ptr<QProcess> m_driver;
    QByteArray m_incoming;
    QHash<int, QJsonObject> m_answers;
    int m_lastId = 0;
    int m_lastPage = 0;
};

/// A page of a Browser, which must outlive it. Selectors are CSS; an element is waited for until it can be
/// seen.
class Page
{
public:
    Page(Page &&other) noexcept;
    Page &operator=(Page &&) = delete;
    ~Page(); ///< closes it

    void reload();
    void click(const std::string &selector);
    enum class Then { Nothing, Enter };
    /// Replaces the text of a field, key by key.
    void type(const std::string &selector, const std::string &text, Then then = Then::Nothing);
    /// Waits until the JavaScript expression is true. Asked again with each change of the document, or, with
    /// `polling`, after each pause of so many milliseconds.
    bool waitFor(const std::string &expression, int polling = 0);
    /// The value of a JavaScript expression; a promise is awaited.
    QJsonValue evaluate(const std::string &expression);
    /// innerText of the first element.
    std::string text(const std::string &selector);
    /// What its console called an error, uncaught exceptions, and requests to other machines.
    std::vector<std::string> errors();
    /// A PNG file, checked and kept as Screenshot says: `screenshot-NAME.png` of the example.
    void screenshot(const std::string &example, const std::string &name);

private:
    friend class Browser;
    Page(Browser &browser, int id) : m_browser(&browser), m_id(id) {}
    QJsonValue call(const char *name, QJsonObject parameters = {});

    Browser *m_browser;
    int m_id;
};

} // namespace mws::test
