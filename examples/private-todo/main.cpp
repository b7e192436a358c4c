#include <QCommandLineParser>
#include <QGuiApplication>
#include <QQmlApplicationEngine>

int main(int argc, char *argv[])
{
    QGuiApplication application(argc, argv);
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("Your todos, on all that you have open."));
    parser.addHelpOption();
    const QCommandLineOption server(QStringLiteral("server"), QStringLiteral("Address of the backend."),
                                    QStringLiteral("url"), QStringLiteral("http://127.0.0.1:8090"));
    parser.addOption(server);
    parser.process(application);

    QQmlApplicationEngine engine;
    engine.addImportPath(QStringLiteral(MWS_QML_FOLDER)); // `import Mws`
    engine.setInitialProperties({{QStringLiteral("server"), parser.value(server)}});
    engine.load(QUrl(QStringLiteral("qrc:/qt/qml/PrivateTodo/Main.qml")));
    return engine.rootObjects().isEmpty() ? 1 : application.exec();
}
