#include <QtCore/QCoreApplication>
#include <QtQml/QQmlComponent>
#include <QtQml/QQmlEngine>
#include <memory>

// Runs receiver.qml with the way to the module; the `qml` tool of Qt 6.4 runs only files that have a window.
int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    QQmlEngine engine;
    engine.addImportPath(QStringLiteral(QML_FOLDER));
    QQmlComponent component(&engine, QUrl::fromLocalFile(QStringLiteral(QML_FILE)));
    if (!component.isReady()) {
        qCritical("%s", qPrintable(component.errorString()));
        return 1;
    }
    QVariantMap properties;
    if (argc > 1)
        properties.insert(QStringLiteral("gateway"), application.arguments().at(1));
    const std::unique_ptr<QObject> receiver(component.createWithInitialProperties(properties));
    return application.exec();
}
