#pragma once

#include <QByteArray>
#include <QHash>
#include <QJsonObject>
#include <QList>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <deque>
#include <random>

/// Prices that walk at random, the same ones for the same seed. Each price of a symbol has a sequence number,
/// from 1 on, so that who listens can tell whether it has all of them. Knows no network. Thread: one.
class Market
{
public:
    /// How many of a symbol's prices history() has at most.
    static constexpr int historyLength = 240;

    struct Tick
    {
        QString symbol;
        double price;
        qint64 sequence;
    };

    explicit Market(std::uint64_t seed);

    QStringList symbols() const;
    bool has(const QString &symbol) const;
    /// The next price of each symbol.
    QList<Tick> advance();
    /// `symbol`, `name`, and of the last prices `prices` in their order, with `sequence` of the last.
    QJsonObject history(const QString &symbol) const;

private:
    struct Stock
    {
        QString symbol;
        QString name;
        double price;
        double volatility;
        qint64 sequence = 0;
        std::deque<double> prices = {};
    };

    Tick step(Stock &stock);
    const Stock *find(const QString &symbol) const;

    std::mt19937_64 m_random;
    QList<Stock> m_stocks;
};
