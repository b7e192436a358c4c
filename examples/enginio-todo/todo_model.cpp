#include "todo_model.h"

#include <QFont>
#include <QSet>
#include <algorithm>

namespace {

QString idOf(const QJsonObject &todo)
{
    return todo.value(u"id").toString();
}

bool isCompleted(const QJsonObject &todo)
{
    return todo.value(u"completed").toBool();
}

} // namespace

void TodoModel::setTodos(const QJsonArray &todos)
{
    QSet<QString> ids;
    for (const QJsonValue todo : todos)
        ids.insert(idOf(todo.toObject()));
    for (int row = int(m_todos.size()) - 1; row >= 0; --row) {
        if (ids.contains(idOf(m_todos.at(row))))
            continue;
        beginRemoveRows({}, row, row);
        m_todos.removeAt(row);
        endRemoveRows();
    }
    // The store's order is that of creation: what is left is in the same order, new ones are at the end.
    for (int row = 0; row < todos.size(); ++row) {
        const QJsonObject todo = todos.at(row).toObject();
        if (row == m_todos.size() || idOf(m_todos.at(row)) != idOf(todo)) {
            beginInsertRows({}, row, row);
            m_todos.insert(row, todo);
            endInsertRows();
        } else if (m_todos.at(row) != todo) {
            m_todos[row] = todo;
            Q_EMIT dataChanged(index(row), index(row));
        }
    }
}

int TodoModel::open() const
{
    return int(std::count_if(m_todos.cbegin(), m_todos.cend(),
                             [](const QJsonObject &todo) { return !isCompleted(todo); }));
}

int TodoModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_todos.size());
}

QVariant TodoModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const QJsonObject &todo = m_todos.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return todo.value(u"title").toString();
    case Qt::CheckStateRole:
        return isCompleted(todo) ? Qt::Checked : Qt::Unchecked;
    case Qt::FontRole: {
        QFont font;
        font.setStrikeOut(isCompleted(todo));
        return font;
    }
    case IdRole:
        return idOf(todo);
    default:
        return {};
    }
}

bool TodoModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (role != Qt::CheckStateRole || !checkIndex(index, CheckIndexOption::IndexIsValid))
        return false;
    Q_EMIT completionWanted(idOf(m_todos.at(index.row())), value.toInt() == Qt::Checked);
    return true;
}

Qt::ItemFlags TodoModel::flags(const QModelIndex &index) const
{
    return QAbstractListModel::flags(index) | Qt::ItemIsUserCheckable;
}
