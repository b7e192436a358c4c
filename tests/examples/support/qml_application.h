#pragma once

#include "client/client_test.h"

#include <QQmlApplicationEngine>
#include <QQuickItem>
#include <QQuickWindow>
#include <QVariantMap>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace mws::test {

/// A QML program of an example in the test's own process: its main file, a Window, is loaded as the program
/// loads it. Warnings of QML (a type error, a missing property) fail the test. Thread: the application's.
class QmlApplication
{
public:
    /// `mainFile` as a path. `properties` are the window's initial ones, as its command line sets them.
    explicit QmlApplication(const std::string &mainFile, const QVariantMap &properties = {});
    ~QmlApplication();

    /// The object of that objectName, anywhere in the window; delegates of views included. Null: none.
    template <typename Type = QObject>
    Type *find(const char *objectName) const
    {
        return qobject_cast<Type *>(findObject(objectName));
    }
    bool isLoaded() const { return m_window != nullptr; }
    QQuickWindow &window() const { return *m_window; }
    /// A property of the object of that name; not valid if there is no such object.
    QVariant property(const char *objectName, const char *property) const;
    /// The text of all visible items below the object of that name, in their order on the screen.
    std::vector<std::string> texts(const char *objectName) const;

    /// Waits for the item to be visible and enabled, and clicks into its middle.
    void click(const char *objectName);
    /// Clicks the field and replaces what is in it, key by key.
    void type(const char *objectName, const std::string &text);
    void press(Qt::Key key);
    /// A picture of the window, kept as `screenshot-NAME.png` of the example.
    void screenshot(const std::string &example, const std::string &name);

private:
    QObject *findObject(const char *objectName) const;
    QQuickItem *waitForItem(const char *objectName) const;

    std::unique_ptr<QQmlApplicationEngine> m_engine;
    QQuickWindow *m_window = nullptr;
};

} // namespace mws::test
