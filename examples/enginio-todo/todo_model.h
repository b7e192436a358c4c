#pragma once

#include <QAbstractListModel>
#include <QJsonArray>
#include <QJsonObject>
#include <QList>

/// Todos as the store has them. Ticking one asks for it by completionWanted(); the model changes when the
/// store has. Thread: the application's.
class TodoModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role { IdRole = Qt::UserRole };
    using QAbstractListModel::QAbstractListModel;

    /// Takes over what has changed, row by row, so that views keep their selection.
    void setTodos(const QJsonArray &todos);
    int open() const; ///< how many are not completed

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role) override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;

Q_SIGNALS:
    void completionWanted(const QString &id, bool isCompleted);

private:
    QList<QJsonObject> m_todos;
};
