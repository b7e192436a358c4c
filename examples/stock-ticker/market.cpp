#include "market.h"

#include <QJsonArray>
#include <algorithm>
#include <cmath>

namespace {

double cents(double price)
{
    return std::round(price * 100) / 100;
}

} // namespace

Market::Market(std::uint64_t seed) : m_random(seed)
{
    const auto add = [this](const char *symbol, const char *name, double price, double volatility) {
        m_stocks.append({QString::fromLatin1(symbol), QString::fromLatin1(name), price, volatility});
    };
    add("NOK", "Nokia", 5.80, 0.004);
    add("QTCOM", "Qt Group", 74.20, 0.006);
    add("KNEBV", "Kone", 48.60, 0.003);
    add("NESTE", "Neste", 31.40, 0.005);
    add("SAMPO", "Sampo", 39.90, 0.002);
    // Who comes first sees a chart, too.
    for (int step = 0; step < historyLength / 2; ++step)
        advance();
}

QStringList Market::symbols() const
{
    QStringList result;
    for (const Stock &stock : m_stocks)
        result.append(stock.symbol);
    return result;
}

const Market::Stock *Market::find(const QString &symbol) const
{
    const auto found = std::find_if(m_stocks.cbegin(), m_stocks.cend(),
                                    [&](const Stock &stock) { return stock.symbol == symbol; });
    return found == m_stocks.cend() ? nullptr : &*found;
}

bool Market::has(const QString &symbol) const
{
    return find(symbol) != nullptr;
}

Market::Tick Market::step(Stock &stock)
{
    // Nearly normal: a sum of twelve. std::normal_distribution differs between standard libraries.
    double sum = -6;
    for (int draw = 0; draw < 12; ++draw)
        sum += double(m_random() >> 11) * 0x1p-53;
    stock.price = std::max(0.5, stock.price * (1 + stock.volatility * sum));
    stock.prices.push_back(cents(stock.price));
    if (stock.prices.size() > size_t(historyLength))
        stock.prices.pop_front();
    return {stock.symbol, stock.prices.back(), ++stock.sequence};
}

QList<Market::Tick> Market::advance()
{
    QList<Tick> result;
    for (Stock &stock : m_stocks)
        result.append(step(stock));
    return result;
}

QJsonObject Market::history(const QString &symbol) const
{
    const Stock *stock = find(symbol);
    if (!stock)
        return {};
    QJsonArray prices;
    for (const double price : stock->prices)
        prices.append(price);
    return {{QStringLiteral("symbol"), stock->symbol},
            {QStringLiteral("name"), stock->name},
            {QStringLiteral("sequence"), stock->sequence},
            {QStringLiteral("prices"), prices}};
}
