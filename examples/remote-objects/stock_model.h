#pragma once

#include <QtCore/QList>
#include <QtGui/QStandardItemModel>

/// What is shared: the stock of a warehouse, an article in each row. The cell that was changed last has a
/// background of its own, wherever it was changed.
class StockModel : public QStandardItemModel
{
    Q_OBJECT

public:
    enum Column { Article, Shelf, Pieces, Price, Columns };

    explicit StockModel(int rows, QObject *parent = nullptr);

    /// The roles that replicas know.
    static QList<int> sharedRoles() { return {Qt::DisplayRole, Qt::EditRole, Qt::BackgroundRole}; }
    /// What is in a row to begin with, for the tests as well.
    static QString articleOf(int row);
    static int piecesOf(int row) { return int((row * 7919LL) % 500); }

private:
    void mark(QStandardItem *item);

    QStandardItem *m_marked = nullptr;
    bool m_isMarking = false;
};
