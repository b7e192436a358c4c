// Says something to an echo server and prints what comes back: echo_client [ws://localhost:8080] [TEXT...]
#include "echo_client.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QTextStream>

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    QStringList arguments = application.arguments().mid(1);
    const QUrl url(arguments.isEmpty() ? QStringLiteral("ws://localhost:8080") : arguments.takeFirst());
    if (arguments.isEmpty())
        arguments = QStringList{QStringLiteral("Hello, world!"), QStringLiteral("Grüße ✓")};
    QTextStream out(stdout);

    EchoClient client(url, arguments, QByteArray::fromHex("00ff80c3284d5753"));
    QObject::connect(&client, &EchoClient::textEchoed, &client,
                     [&](const QString &text) { out << "text:   " << text << Qt::endl; });
    QObject::connect(&client, &EchoClient::bytesEchoed, &client,
                     [&](const QByteArray &bytes) { out << "binary: " << bytes.toHex(' ') << Qt::endl; });
    QObject::connect(&client, &EchoClient::finished, &client, [&](bool complete) {
        if (!complete)
            out << "no echo from " << url.toDisplayString() << Qt::endl;
        QCoreApplication::exit(complete ? 0 : 1);
    });
    return application.exec();
}
