#include <QtCore/QCoreApplication>
#include <QtCore/QTextStream>
#include <mws/client/mws_publisher.h>

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    const QString gateway = application.arguments().value(1, QStringLiteral("http://127.0.0.1:8080"));
    const QString text = application.arguments().value(2, QStringLiteral("Hello World!"));
    QTextStream out(stdout);

    MwsPublisher publisher(QUrl(gateway + QStringLiteral("/v1")), qEnvironmentVariable("SECURITY_TOKEN"));
    publisher.send(MwsMessage(text, MwsReceivers::everyone()))
        ->onFinished(&publisher, [&](const MwsReply &reply) {
            if (reply.isError())
                out << reply.reason() << ": " << reply.errorString() << Qt::endl;
            else
                out << "sent to " << reply.receiversMatched() << Qt::endl;
            QCoreApplication::exit(reply.isError() ? 1 : 0);
        });
    return application.exec();
}
