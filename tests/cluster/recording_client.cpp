#include "cluster/recording_client.h"

namespace mws::test {

Numbers begunBy(const Publishers &publishers)
{
    Numbers numbers;
    for (const auto &publisher : publishers)
        numbers.push_back(publisher->begun());
    return numbers;
}

Numbers acceptedBy(const Publishers &publishers)
{
    Numbers numbers;
    for (const auto &publisher : publishers)
        numbers.push_back(publisher->accepted());
    return numbers;
}

RecordingClient::RecordingClient(const Publishers &publishers, const QUrl &provider, const QString &bearer,
                                 const QString &tag)
    : m_publishers(publishers)
{
    client.setProviderUrl(provider);
    client.setProviderBody(QStringLiteral(R"({"tags":["%1"]})").arg(tag));
    client.setBearer(bearer);
    QObject::connect(&client, &MwsClient::opened, &client, [this] { opened(); });
    QObject::connect(&client, &MwsClient::messageReceived, &client,
                     [this](const QString &text) { received(text); });
    QObject::connect(&client, &MwsClient::closed, &client, [this](int code) {
        m_periods.back().closeCode = code;
        m_periods.back().acceptedBefore = acceptedBy(m_publishers);
    });
}

void RecordingClient::opened()
{
    SocketPeriod period;
    period.begunBefore = begunBy(m_publishers);
    period.first.resize(m_publishers.size());
    period.last.resize(m_publishers.size());
    m_periods.push_back(period);
}

void RecordingClient::received(const QString &text)
{
    const auto now = std::chrono::steady_clock::now();
    SocketPeriod &period = m_periods.back();
    const auto publisher = size_t(text.section(QLatin1Char(':'), 0, 0).toInt());
    const int number = text.section(QLatin1Char(':'), 1).toInt();
    if (publisher >= m_publishers.size() || number <= 0) {
        m_errors.push_back("what is this: " + text.toStdString());
        return;
    }
    int &last = period.last[publisher];
    if (last == 0) {
        period.first[publisher] = number;
        // What was posted while it was open must be here: the first is not behind that.
        if (number > period.begunBefore[publisher] + 1)
            m_errors.push_back("the first is " + text.toStdString() + ", which is not the first after " +
                               std::to_string(period.begunBefore[publisher]));
    } else if (number != last + 1) {
        m_errors.push_back(text.toStdString() + " after " + std::to_string(last));
    }
    last = number;
    period.lastMessage = now;
    if (period.firstMessage == SteadyMoment())
        period.firstMessage = now;
}

bool RecordingClient::hasReached(const Numbers &numbers) const
{
    return !m_periods.empty() && !m_periods.back().closeCode && m_periods.back().last == numbers;
}

std::vector<SocketMove> RecordingClient::moves() const
{
    std::vector<SocketMove> all;
    for (size_t i = 1; i < m_periods.size(); ++i) {
        const SocketPeriod &before = m_periods[i - 1];
        const SocketPeriod &after = m_periods[i];
        SocketMove move;
        move.silence = std::chrono::round<std::chrono::milliseconds>(after.firstMessage - before.lastMessage);
        for (size_t publisher = 0; publisher < m_publishers.size(); ++publisher) {
            const int between = after.first[publisher] - before.last[publisher] - 1;
            (between >= 0 ? move.missed : move.twice) += std::abs(between);
        }
        all.push_back(move);
    }
    return all;
}

} // namespace mws::test
