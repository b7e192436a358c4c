#include "examples/support/qml_application.h"

#include "examples/support/browser.h"
#include "examples/support/screenshot.h"

#include <QQmlError>
#include <QTest>
#include <algorithm>
#include <functional>
#include <gtest/gtest.h>

namespace mws::test {

namespace {

void visit(QQuickItem *item, const std::function<void(QQuickItem *)> &visitor)
{
    visitor(item);
    const QList<QQuickItem *> children = item->childItems();
    for (QQuickItem *child : children)
        visit(child, visitor);
}

QQuickItem *itemNamed(QQuickItem *root, const QString &name)
{
    QQuickItem *found = nullptr;
    visit(root, [&](QQuickItem *item) {
        if (!found && item->objectName() == name)
            found = item;
    });
    return found;
}

} // namespace

QmlApplication::QmlApplication(const std::string &mainFile, const QVariantMap &properties)
    : m_engine(std::make_unique<QQmlApplicationEngine>())
{
    m_engine->addImportPath(QStringLiteral(MWS_QML_FOLDER));
    QObject::connect(m_engine.get(), &QQmlEngine::warnings, m_engine.get(),
                     [](const QList<QQmlError> &warnings) {
                         for (const QQmlError &warning : warnings)
                             ADD_FAILURE() << warning.toString().toStdString();
                     });
    m_engine->setInitialProperties(properties);
    m_engine->load(QUrl::fromLocalFile(QString::fromStdString(mainFile)));
    if (!m_engine->rootObjects().isEmpty())
        m_window = qobject_cast<QQuickWindow *>(m_engine->rootObjects().constFirst());
    if (!m_window)
        ADD_FAILURE() << mainFile << " has no window";
    else
        EXPECT_TRUE(QTest::qWaitForWindowExposed(m_window, 30000)) << mainFile;
}

QmlApplication::~QmlApplication() = default;

QObject *QmlApplication::findObject(const char *objectName) const
{
    const QString name = QString::fromUtf8(objectName);
    if (!m_window)
        return nullptr;
    if (m_window->objectName() == name)
        return m_window;
    // Delegates have no QObject parent in the window: the tree of items is walked as well.
    if (QObject *object = itemNamed(m_window->contentItem(), name))
        return object;
    return m_window->findChild<QObject *>(name);
}

QVariant QmlApplication::property(const char *objectName, const char *property) const
{
    const QObject *object = findObject(objectName);
    return object ? object->property(property) : QVariant();
}

std::vector<std::string> QmlApplication::texts(const char *objectName) const
{
    auto *root = qobject_cast<QQuickItem *>(findObject(objectName));
    QList<QQuickItem *> items;
    if (root)
        visit(root, [&](QQuickItem *item) {
            if (item->isVisible() && item->inherits("QQuickText"))
                items.append(item);
        });
    const auto place = [](const QQuickItem *item) {
        const QPointF point = item->mapToScene({});
        return std::pair(point.y(), point.x());
    };
    std::stable_sort(items.begin(), items.end(), [&](auto *a, auto *b) { return place(a) < place(b); });
    std::vector<std::string> result;
    for (const QQuickItem *item : items)
        if (const QString text = item->property("text").toString(); !text.isEmpty())
            result.push_back(text.toStdString());
    return result;
}

QQuickItem *QmlApplication::waitForItem(const char *objectName) const
{
    const auto item = [&] { return find<QQuickItem>(objectName); };
    const auto isReady = [&] {
        return item() && item()->isVisible() && item()->isEnabled() && item()->width() > 0;
    };
    if (waitUntil(isReady, browserPatience))
        return item();
    ADD_FAILURE() << "no item '" << objectName << "' that is visible and enabled";
    return nullptr;
}

void QmlApplication::click(const char *objectName)
{
    const QQuickItem *item = waitForItem(objectName);
    if (!item)
        return;
    // Keys go to the active window, and there may be several.
    m_window->requestActivate();
    EXPECT_TRUE(QTest::qWaitForWindowActive(m_window, 30000));
    m_window->grabWindow(); // lays out what is new: a delegate that was just made is at 0, 0
    const QPointF middle = item->mapToScene({item->width() / 2, item->height() / 2});
    QTest::mouseClick(m_window, Qt::LeftButton, {}, middle.toPoint());
}

void QmlApplication::type(const char *objectName, const std::string &text)
{
    click(objectName);
    QTest::keyClick(m_window, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClick(m_window, Qt::Key_Delete);
    const QString keys = QString::fromStdString(text);
    for (const QChar key : keys)
        QTest::sendKeyEvent(QTest::Click, m_window, Qt::Key_unknown, QString(key), Qt::NoModifier);
}

void QmlApplication::press(Qt::Key key)
{
    QTest::keyClick(m_window, key);
}

void QmlApplication::screenshot(const std::string &example, const std::string &name)
{
    ASSERT_TRUE(m_window);
    saveScreenshot(m_window->grabWindow(), example, name);
}

} // namespace mws::test
