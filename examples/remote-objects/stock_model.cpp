#include "stock_model.h"

#include <QtGui/QBrush>

StockModel::StockModel(int rows, QObject *parent) : QStandardItemModel(rows, Columns, parent)
{
    setHorizontalHeaderLabels({QStringLiteral("Article"), QStringLiteral("Shelf"), QStringLiteral("Pieces"),
                               QStringLiteral("Price, €")});
    const auto put = [this](int row, Column column, const QVariant &value) {
        auto *item = new QStandardItem;
        item->setData(value, Qt::EditRole);
        setItem(row, column, item);
    };
    for (int row = 0; row < rows; ++row) {
        put(row, Article, articleOf(row));
        put(row, Shelf, QStringLiteral("%1-%2").arg(QChar(u'A' + row % 26)).arg(row / 26 % 80 + 1));
        put(row, Pieces, piecesOf(row));
        put(row, Price, double((row * 37) % 9900 + 99) / 100);
    }
    connect(this, &QStandardItemModel::itemChanged, this, &StockModel::mark);
}

QString StockModel::articleOf(int row)
{
    static const QStringList names{
        QStringLiteral("Bolt"),  QStringLiteral("Washer"), QStringLiteral("Hinge"), QStringLiteral("Bracket"),
        QStringLiteral("Dowel"), QStringLiteral("Rivet"),  QStringLiteral("Spring")};
    return QStringLiteral("%1 %2").arg(names.at(row % names.size())).arg(row, 5, 10, QChar(u'0'));
}

void StockModel::mark(QStandardItem *item)
{
    if (item == m_marked || m_isMarking) // a background is a change, too
        return;
    m_isMarking = true;
    if (m_marked)
        m_marked->setData(QVariant(), Qt::BackgroundRole);
    item->setData(QBrush(QColor(0xff, 0xe8, 0xa3)), Qt::BackgroundRole);
    m_marked = item;
    m_isMarking = false;
}
