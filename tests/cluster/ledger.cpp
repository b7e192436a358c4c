#include "ledger.h"

#include <charconv>
#include <gtest/gtest.h>
#include <map>
#include <numeric>
#include <optional>

namespace mws::test {

namespace {

/// Of what Ledger::text() makes.
std::optional<std::pair<size_t, uint32_t>> parse(std::string_view text)
{
    std::pair<size_t, uint32_t> made;
    const char *const end = text.data() + text.size();
    const auto sender = std::from_chars(text.data(), end, made.first);
    if (sender.ec != std::errc() || sender.ptr == end || *sender.ptr != '.')
        return std::nullopt;
    const auto number = std::from_chars(sender.ptr + 1, end, made.second);
    if (number.ec != std::errc() || number.ptr != end)
        return std::nullopt;
    return made;
}

} // namespace

std::string Ledger::text(size_t sender, uint32_t number)
{
    return std::to_string(sender) + '.' + std::to_string(number);
}

size_t Ledger::addSender()
{
    const std::lock_guard lock(m_mutex);
    m_senders.emplace_back();
    m_accepted.push_back(0);
    return m_senders.size() - 1;
}

uint32_t Ledger::begin(size_t sender)
{
    const std::lock_guard lock(m_mutex);
    m_senders[sender].push_back({std::chrono::steady_clock::now()});
    return uint32_t(m_senders[sender].size() - 1);
}

void Ledger::answered(size_t sender, uint32_t number, Answer answer)
{
    const std::lock_guard lock(m_mutex);
    if (answer == Answer::Accepted) {
        m_senders[sender][number].accepted = true;
        ++m_accepted[sender];
    } else {
        ++(answer == Answer::Refused ? m_refused : m_unknown);
    }
    m_changed.notify_all();
}

size_t Ledger::addReader(Moment opened)
{
    const std::lock_guard lock(m_mutex);
    m_readers.emplace_back().opened = opened;
    return m_readers.size() - 1;
}

void Ledger::received(size_t reader, std::string_view text)
{
    const std::lock_guard lock(m_mutex);
    Reader &at = m_readers[reader];
    const auto message = parse(text);
    if (!message || message->first >= m_senders.size() ||
        message->second >= m_senders[message->first].size()) {
        at.strange.emplace_back(text);
        return;
    }
    at.got.push_back(*message);
    at.known.insert(*message);
}

void Ledger::ended(size_t reader, int code)
{
    const std::lock_guard lock(m_mutex);
    m_readers[reader].code = code;
    m_readers[reader].end = std::chrono::steady_clock::now();
    m_changed.notify_all();
}

void Ledger::excuse(size_t reader)
{
    const std::lock_guard lock(m_mutex);
    m_readers[reader].excused = true;
}

uint64_t Ledger::accepted(size_t sender) const
{
    const std::lock_guard lock(m_mutex);
    return m_accepted[sender];
}

uint64_t Ledger::accepted() const
{
    const std::lock_guard lock(m_mutex);
    return std::accumulate(m_accepted.begin(), m_accepted.end(), uint64_t(0));
}

uint64_t Ledger::refused() const
{
    const std::lock_guard lock(m_mutex);
    return m_refused;
}

int Ledger::code(size_t reader) const
{
    const std::lock_guard lock(m_mutex);
    return m_readers[reader].code;
}

bool Ledger::waitForAccepted(size_t sender, uint64_t count, std::chrono::milliseconds wait) const
{
    std::unique_lock lock(m_mutex);
    return m_changed.wait_for(lock, wait, [&] { return m_accepted[sender] >= count; });
}

bool Ledger::waitForEnd(size_t reader, std::chrono::milliseconds wait) const
{
    std::unique_lock lock(m_mutex);
    return m_changed.wait_for(lock, wait, [&] { return m_readers[reader].code != 0; });
}

bool Ledger::waitUntilWhole(std::chrono::milliseconds wait) const
{
    const Deadline deadline(wait);
    std::unique_lock lock(m_mutex);
    while (!isWhole()) { // too dear for each message that comes
        if (deadline.left() == 0)
            return false;
        m_changed.wait_for(lock, std::chrono::milliseconds(20));
    }
    return true;
}

bool Ledger::isWhole() const
{
    for (const Reader &reader : m_readers)
        if (reader.mustHaveAll() && missing(reader) > 0)
            return false;
    return true;
}

uint64_t Ledger::missing(const Reader &reader, std::string *first) const
{
    uint64_t count = 0;
    for (size_t sender = 0; sender < m_senders.size(); ++sender)
        for (uint32_t number = 0; number < m_senders[sender].size(); ++number) {
            const Posting &posting = m_senders[sender][number];
            if (!posting.accepted || posting.begun < reader.opened || posting.begun > reader.end ||
                reader.known.contains({sender, number}))
                continue;
            if (count++ == 0 && first)
                *first = text(sender, number);
        }
    return count;
}

/// What came twice, out of order or from nowhere. What was never accepted has no place in the order: nobody
/// knows when it was written.
void Ledger::verifyArrivals(size_t number, const Reader &reader) const
{
    EXPECT_EQ(reader.known.size(), reader.got.size()) << "doubles at socket " << number;
    EXPECT_TRUE(reader.strange.empty())
        << "nobody sent " << reader.strange.front() << " to socket " << number;
    std::map<size_t, uint32_t> newest;
    for (const auto &[sender, message] : reader.got) {
        if (!m_senders[sender][message].accepted)
            continue;
        const auto [before, first] = newest.emplace(sender, message);
        EXPECT_TRUE(first || before->second < message)
            << "socket " << number << " got " << text(sender, message) << " after "
            << text(sender, before->second);
        before->second = message;
    }
}

Ledger::Balance Ledger::verify() const
{
    const std::lock_guard lock(m_mutex);
    Balance balance;
    balance.accepted = std::accumulate(m_accepted.begin(), m_accepted.end(), uint64_t(0));
    balance.refused = m_refused;
    balance.unknown = m_unknown;
    for (size_t number = 0; number < m_readers.size(); ++number) {
        const Reader &reader = m_readers[number];
        verifyArrivals(number, reader);
        balance.delivered += reader.got.size();
        std::string first;
        if (reader.mustHaveAll()) {
            EXPECT_EQ(missing(reader, &first), 0u) << "missing at socket " << number << ", first " << first;
        } else if (reader.code == 1012) {
            ++balance.told1012;
            balance.lostTold += missing(reader);
        }
    }
    return balance;
}

} // namespace mws::test
