// A window of the chat: chat [--backend http://127.0.0.1:8090] [--room kitchen] [--nick Ann]
#include <QtCore/QCommandLineParser>
#include <QtGui/QGuiApplication>
#include <QtQml/QQmlApplicationEngine>

int main(int argc, char *argv[])
{
    QGuiApplication application(argc, argv);
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addOption({QStringLiteral("backend"), QStringLiteral("The chat's own server."),
                      QStringLiteral("url"), QStringLiteral("http://127.0.0.1:8090")});
    parser.addOption({QStringLiteral("room"), QStringLiteral("The room to enter."), QStringLiteral("name"),
                      QStringLiteral("lobby")});
    parser.addOption({QStringLiteral("nick"), QStringLiteral("The name to be seen by."),
                      QStringLiteral("name"), QStringLiteral("guest")});
    parser.process(application);

    QQmlApplicationEngine engine;
    engine.addImportPath(QStringLiteral(MWS_QML_FOLDER)); // where `import Mws` is
    QVariantMap properties;
    for (const QString &name : {QStringLiteral("backend"), QStringLiteral("room"), QStringLiteral("nick")})
        properties.insert(name, parser.value(name));
    engine.setInitialProperties(properties);
    engine.load(QUrl(QStringLiteral("qrc:/Main.qml")));
    return engine.rootObjects().isEmpty() ? 1 : application.exec();
}
