#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <QtCore/QUrl>
#include <QtWebSockets/QWebSocket>

/// Sends texts and then one binary message, and waits for all of them to come back. Knows nothing of a
/// gateway: it opens a URL, as every program of the time did.
class EchoClient : public QObject
{
    Q_OBJECT

public:
    EchoClient(const QUrl &url, const QStringList &texts, const QByteArray &bytes, QObject *parent = nullptr);

Q_SIGNALS:
    /// Something came back.
    void textEchoed(const QString &text);
    void bytesEchoed(const QByteArray &bytes);
    /// The connection is over. True: everything came back as it was sent, in order.
    void finished(bool complete);

private:
    void sendAll();
    void takeText(const QString &text);
    void takeBytes(const QByteArray &bytes);

    QWebSocket m_socket;
    const QStringList m_texts;
    const QByteArray m_bytes;
    int m_echoed = 0; ///< texts that came back
    bool m_complete = false;
};
