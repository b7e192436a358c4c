#pragma once

#include "todo_model.h"
#include "todo_store.h"

#include <QMainWindow>
#include <QUrl>
#include <mws/client/mws_client.h>

class QLabel;
class QLineEdit;
class QListView;
class QPushButton;

/// The todos of a data store, which all that have this window open see change. Events come from the gateway;
/// each says that something has changed, and the window fetches anew. It fetches also whenever its socket has
/// opened, because of what it has missed. Thread: the application's.
class TodoWindow : public QMainWindow
{
    Q_OBJECT

public:
    /// Addresses of the store and of the gateway, e.g. `http://127.0.0.1:8080`.
    TodoWindow(const QUrl &store, const QByteArray &backendId, const QUrl &gateway,
               QWidget *parent = nullptr);

    TodoModel &model() { return m_model; }
    MwsClient &client() { return m_client; }

private:
    void buildLayout();
    void connectParts();
    void add();
    void removeSelected();
    void takeEvent(const QString &message);
    void showCounts();
    void showState(MwsClient::State state);

    TodoStore m_store;
    TodoModel m_model;
    MwsClient m_client;
    QLineEdit *m_title = nullptr;
    QPushButton *m_addButton = nullptr;
    QPushButton *m_removeButton = nullptr;
    QListView *m_list = nullptr;
    QLabel *m_counts = nullptr;
    QLabel *m_state = nullptr;
};
