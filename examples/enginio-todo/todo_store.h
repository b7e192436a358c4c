#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QObject>
#include <QUrl>

class QNetworkReply;

/// The REST calls of the data store, for the collection `objects.todos`. Thread: the application's.
class TodoStore : public QObject
{
    Q_OBJECT

public:
    /// `address` is the store's, e.g. `http://127.0.0.1:8090`.
    TodoStore(const QUrl &address, const QByteArray &backendId, QObject *parent = nullptr);

    /// Asks for all todos: fetched(). While an answer is under way, any number of calls lead to one more
    /// request behind it, as that answer may be from before what they want to see.
    void fetch();
    void add(const QString &title);
    void setCompleted(const QString &id, bool isCompleted);
    void remove(const QString &id);

Q_SIGNALS:
    void fetched(const QJsonArray &todos);
    /// A call did not work out; for people.
    void failed(const QString &error);

private:
    void send(const QByteArray &method, const QString &id, const QJsonObject &body = {});
    QNetworkRequest request(const QString &id = {}) const;
    /// The answer's object; on errors none, and failed().
    QJsonObject result(QNetworkReply *reply);

    QUrl m_address;
    QByteArray m_backendId;
    QNetworkAccessManager m_network;
    bool m_isFetching = false;
    bool m_fetchesAgain = false;
};
