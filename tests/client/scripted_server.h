#pragma once

#include <QByteArray>
#include <QList>
#include <QObject>
#include <QTcpServer>
#include <QUrl>

class QTcpSocket;

namespace mws::test {

/// An HTTP server that gives prepared answers, one for each request and the last one for ever; one request
/// for each connection. Thread: the test's.
class ScriptedServer : public QObject
{
public:
    ScriptedServer();
    QUrl url(const char *path = "/uri") const;

    void add(const QByteArray &answer) { m_answers.append({answer, false}); }
    /// `head` and then bytes without end; or nothing at all.
    void addEndless(const QByteArray &head) { m_answers.append({head, true}); }
    void addSilence() { m_answers.append({{}, false}); }
    /// A whole answer with that body.
    static QByteArray http(const char *status, const QByteArray &body, const QByteArray &fields = {});

    /// Requests as they came, head and body.
    const QList<QByteArray> &requests() const { return m_requests; }
    /// Bytes of endless answers that were written.
    qint64 endlessBytes() const { return m_endlessBytes; }
    int openConnections() const;

private:
    struct Answer
    {
        QByteArray bytes;
        bool isEndless;
    };
    void take(QTcpSocket *socket);
    void pour(QTcpSocket *socket);

    QTcpServer m_server;
    QList<Answer> m_answers;
    QList<QByteArray> m_requests;
    qint64 m_endlessBytes = 0;
};

} // namespace mws::test
