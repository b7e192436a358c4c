#include "tls_options.h"

#include <QtCore/QCommandLineParser>
#include <QtCore/QFile>
#include <QtNetwork/QSslCertificate>
#include <QtNetwork/QSslKey>

namespace {

QByteArray readAll(const QString &name, QString *error)
{
    QFile file(name);
    if (file.open(QIODevice::ReadOnly))
        return file.readAll();
    *error = QStringLiteral("%1: %2").arg(name, file.errorString());
    return {};
}

QSslKey keyOf(const QByteArray &pem)
{
    const QSslKey elliptic(pem, QSsl::Ec);
    return elliptic.isNull() ? QSslKey(pem, QSsl::Rsa) : elliptic;
}

} // namespace

void TlsOptions::addTo(QCommandLineParser &parser)
{
    const QString file = QStringLiteral("file");
    parser.addOption(
        {QStringLiteral("ca"), QStringLiteral("Authority of the gateway's certificate, PEM."), file});
    parser.addOption({QStringLiteral("certificate"), QStringLiteral("Our own certificate, PEM."), file});
    parser.addOption({QStringLiteral("key"), QStringLiteral("Its private key, PEM."), file});
}

QSslConfiguration TlsOptions::read(const QCommandLineParser &parser, QString *error)
{
    return fromFiles(parser.value(QStringLiteral("ca")), parser.value(QStringLiteral("certificate")),
                     parser.value(QStringLiteral("key")), error);
}

QSslConfiguration TlsOptions::fromFiles(const QString &authority, const QString &certificate,
                                        const QString &key, QString *error)
{
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    if (!authority.isEmpty()) {
        const auto authorities = QSslCertificate::fromData(readAll(authority, error));
        if (authorities.isEmpty() && error->isEmpty())
            *error = QStringLiteral("%1: no certificate in PEM form").arg(authority);
        tls.setCaCertificates(authorities); // this one and no other
    }
    if (!certificate.isEmpty()) {
        const auto chain = QSslCertificate::fromData(readAll(certificate, error));
        if (chain.isEmpty() && error->isEmpty())
            *error = QStringLiteral("%1: no certificate in PEM form").arg(certificate);
        tls.setLocalCertificateChain(chain);
    }
    if (!key.isEmpty()) {
        const QSslKey privateKey = keyOf(readAll(key, error));
        if (privateKey.isNull() && error->isEmpty())
            *error = QStringLiteral("%1: no private key in PEM form").arg(key);
        tls.setPrivateKey(privateKey);
    }
    return tls;
}
