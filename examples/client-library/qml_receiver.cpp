#include <QtCore/QCoreApplication>
#include <QtQml/QQmlComponent>
#include <QtQml/QQmlEngine>
#include <memory>

// `qml receiver.qml` with the way to the module, for machines without that tool.
int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    QQmlEngine engine;
    engine.addImportPath(QStringLiteral(QML_FOLDER));
    QQmlComponent component(&engine, QUrl::fromLocalFile(QStringLiteral(QML_FILE)));
    QVariantMap properties;
    if (argc > 1)
        properties.insert(QStringLiteral("gateway"), application.arguments().at(1));
    const std::unique_ptr<QObject> receiver(component.createWithInitialProperties(properties));
    if (!receiver) {
        qCritical("%s", qPrintable(component.errorString()));
        return 1;
    }
    return application.exec();
}
