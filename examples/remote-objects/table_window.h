#pragma once

#include <QtWidgets/QLabel>
#include <QtWidgets/QTableView>
#include <QtWidgets/QWidget>

/// A table to look at and to edit, under a line that says what it is.
class TableWindow : public QWidget
{
    Q_OBJECT

public:
    /// `color` tells the windows of the two programs apart.
    TableWindow(const QString &title, const QColor &color);

    /// Null: an empty table. Where it was scrolled to is kept.
    void setModel(QAbstractItemModel *model);
    void setStatus(const QString &text);
    QString status() const { return m_status->text(); }
    QTableView &table() { return *m_table; }

private:
    QLabel *m_status;
    QTableView *m_table;
    int m_topRow = 0;
};
