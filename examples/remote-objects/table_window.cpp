#include "table_window.h"

#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QVBoxLayout>

namespace {

constexpr char styles[] = R"(
    QTableView { border: 0; gridline-color: #e6ebf0; background: white; alternate-background-color: #f6f8fa;
                 color: #17212b; selection-background-color: #cfe6f7; selection-color: #17212b; }
    QHeaderView::section { background: #eef2f5; color: #52626f; border: 0; border-bottom: 1px solid #d3dce4;
                           padding: 5px 8px; font-weight: bold; }
    QTableCornerButton::section { background: #eef2f5; border: 0; }
)";

} // namespace

TableWindow::TableWindow(const QString &title, const QColor &color)
    : m_status(new QLabel), m_table(new QTableView)
{
    setWindowTitle(title);
    resize(600, 460);
    auto *heading = new QLabel(title);
    heading->setStyleSheet(QStringLiteral("color: white; font-size: 17px; font-weight: bold"));
    m_status->setStyleSheet(QStringLiteral("color: white"));
    auto *bar = new QWidget;
    bar->setAttribute(Qt::WA_StyledBackground);
    bar->setStyleSheet(QStringLiteral("background: %1").arg(color.name()));
    auto *line = new QHBoxLayout(bar);
    line->setContentsMargins(16, 12, 16, 12);
    line->addWidget(heading);
    line->addStretch();
    line->addWidget(m_status);

    setStyleSheet(QString::fromLatin1(styles));
    m_table->setAlternatingRowColors(true);
    m_table->verticalHeader()->setDefaultSectionSize(28);
    // All rows are alike: none of the 100,000 is measured.
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(bar);
    layout->addWidget(m_table);
}

void TableWindow::setModel(QAbstractItemModel *model)
{
    if (m_table->model())
        m_topRow = std::max(0, m_table->rowAt(0));
    m_table->setModel(model);
    if (model && m_topRow < model->rowCount())
        m_table->scrollTo(model->index(m_topRow, 0), QAbstractItemView::PositionAtTop);
}

void TableWindow::setStatus(const QString &text)
{
    m_status->setText(text);
}
