#pragma once

#include <QtCore/QString>
#include <QtNetwork/QSslConfiguration>

class QCommandLineParser;

/// `--ca FILE --certificate FILE --key FILE`: for a gateway that speaks wss, and that may want to see a
/// certificate.
namespace TlsOptions {

void addTo(QCommandLineParser &parser);
/// Qt's default with what the options say. A file that cannot be read, or holds something else, leads to an
/// `error` that names it.
QSslConfiguration read(const QCommandLineParser &parser, QString *error);
/// The same of files; an empty name: none.
QSslConfiguration fromFiles(const QString &authority, const QString &certificate, const QString &key,
                            QString *error);

} // namespace TlsOptions
