#include "todo_window.h"

#include <QHBoxLayout>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QStatusBar>
#include <QVBoxLayout>

namespace {

constexpr char windowStyle[] = R"(
QMainWindow, QStatusBar { background: #f4f6f8; }
QLabel { color: #44505c; }
QLabel#state { padding: 0 0 6px 16px; }
QLabel#heading { color: #17212b; font-size: 24px; font-weight: bold; }
QLineEdit { background: white; color: #17212b; border: 1px solid #c9d2da; border-radius: 6px; padding: 9px; font-size: 15px; }
QLineEdit:focus { border: 1px solid #1f9d55; }
QPushButton { background: #1f9d55; color: white; border: none; border-radius: 6px; padding: 10px 20px; font-size: 14px; font-weight: bold; }
QPushButton:hover { background: #178048; }
QPushButton:disabled { background: #d5dce2; color: #8b98a5; }
QPushButton#remove { background: transparent; color: #c0392b; padding: 6px 10px; }
QPushButton#remove:disabled { color: #a9b4be; }
QListView { background: white; color: #17212b; border: 1px solid #dbe2e8; border-radius: 8px; font-size: 15px; outline: 0; padding: 4px; }
QListView::item { padding: 9px 8px; border-bottom: 1px solid #eef2f5; }
QListView::item:selected { background: #e4f5eb; color: #17212b; }
QStatusBar::item { border: none; }
)";

} // namespace

TodoWindow::TodoWindow(const QUrl &store, const QByteArray &backendId, const QUrl &gateway, QWidget *parent)
    : QMainWindow(parent), m_store(store, backendId)
{
    buildLayout();
    connectParts();
    showCounts();
    QUrl provider = gateway;
    provider.setPath(QStringLiteral("/v1/websocket_uri"));
    m_client.setProviderUrl(provider);
    m_client.open();
}

void TodoWindow::buildLayout()
{
    setWindowTitle(tr("Todos"));
    setStyleSheet(QString::fromLatin1(windowStyle));
    resize(440, 480);
    const auto named = [](auto *widget, const char *name) {
        widget->setObjectName(QString::fromLatin1(name));
        return widget;
    };
    m_title = named(new QLineEdit, "title");
    m_title->setPlaceholderText(tr("What is to be done?"));
    m_title->setMaxLength(200);
    m_addButton = named(new QPushButton(tr("Add")), "add");
    m_removeButton = named(new QPushButton(tr("Delete")), "remove");
    m_list = named(new QListView, "list");
    m_list->setModel(&m_model);
    m_counts = named(new QLabel, "counts");
    m_state = named(new QLabel, "state");

    auto *input = new QHBoxLayout;
    input->addWidget(m_title);
    input->addWidget(m_addButton);
    auto *below = new QHBoxLayout;
    below->addWidget(m_counts, 1);
    below->addWidget(m_removeButton);
    auto *all = new QVBoxLayout;
    all->setContentsMargins(20, 16, 20, 4);
    all->setSpacing(12);
    all->addWidget(named(new QLabel(tr("Todos")), "heading"));
    all->addLayout(input);
    all->addWidget(m_list, 1);
    all->addLayout(below);
    auto *middle = new QWidget;
    middle->setLayout(all);
    setCentralWidget(middle);
    statusBar()->addWidget(m_state);
    statusBar()->setSizeGripEnabled(false);
}

void TodoWindow::connectParts()
{
    connect(m_title, &QLineEdit::returnPressed, this, &TodoWindow::add);
    connect(m_addButton, &QPushButton::clicked, this, &TodoWindow::add);
    connect(m_removeButton, &QPushButton::clicked, this, &TodoWindow::removeSelected);
    connect(m_list->selectionModel(), &QItemSelectionModel::selectionChanged, this, &TodoWindow::showCounts);
    connect(&m_model, &TodoModel::completionWanted, &m_store, &TodoStore::setCompleted);
    connect(&m_store, &TodoStore::fetched, this, [this](const QJsonArray &todos) {
        m_model.setTodos(todos);
        showCounts();
    });
    connect(&m_store, &TodoStore::failed, this,
            [this](const QString &error) { statusBar()->showMessage(error, 10000); });
    connect(&m_client, &MwsClient::opened, &m_store, &TodoStore::fetch);
    connect(&m_client, &MwsClient::messageReceived, this, &TodoWindow::takeEvent);
    connect(&m_client, &MwsClient::stateChanged, this, &TodoWindow::showState);
}

void TodoWindow::add()
{
    const QString title = m_title->text().trimmed();
    if (title.isEmpty())
        return;
    m_store.add(title);
    m_title->clear();
}

void TodoWindow::removeSelected()
{
    if (const QModelIndex index = m_list->currentIndex(); index.isValid())
        m_store.remove(index.data(TodoModel::IdRole).toString());
}

void TodoWindow::takeEvent(const QString &message)
{
    const QJsonObject event = QJsonDocument::fromJson(message.toUtf8()).object();
    // A webhook may be set up for other collections, too.
    if (event.value(u"object").toObject().value(u"objectType").toString() == QStringLiteral("objects.todos"))
        m_store.fetch();
}

void TodoWindow::showCounts()
{
    m_counts->setText(tr("%1 of %2 to do").arg(m_model.open()).arg(m_model.rowCount()));
    m_removeButton->setEnabled(m_list->selectionModel()->hasSelection());
}

void TodoWindow::showState(MwsClient::State state)
{
    const bool isOpen = state == MwsClient::Open;
    const QString words = isOpen                       ? tr("live")
                          : state == MwsClient::Failed ? m_client.errorString()
                                                       : tr("connecting …");
    m_state->setText(QStringLiteral("<span style='color:%1'>●</span> %2")
                         .arg(QLatin1String(isOpen ? "#1f9d55" : "#d68910"), words.toHtmlEscaped()));
}
