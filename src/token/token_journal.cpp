#include "token/token_journal.h"

#include "mws/base/log.h"
#include "token/token_database.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace mws {

namespace {

constexpr std::chrono::milliseconds writeInterval{500};
constexpr std::chrono::minutes pruneInterval{1};
constexpr std::chrono::minutes complaintInterval{1};
constexpr size_t eventsPerTransaction = 20000;
/// What may wait for the disk. A spent token that is forgotten opens twice, a reservation that is forgotten
/// only cannot be revoked: so those are let go first.
constexpr size_t maxWaiting = 200000;
constexpr size_t maxWaitingEnded = 2 * maxWaiting;

/// True at most once in an interval.
class Throttle
{
public:
    bool pass(std::chrono::steady_clock::duration interval)
    {
        const auto now = std::chrono::steady_clock::now();
        if (m_last && now - *m_last < interval)
            return false;
        m_last = now;
        return true;
    }

private:
    std::optional<SteadyTime> m_last;
};

} // namespace

struct TokenJournal::Impl
{
    std::mutex databaseMutex;                ///< never held together with queueMutex
    std::unique_ptr<TokenDatabase> database; ///< under databaseMutex

    std::mutex queueMutex;
    std::condition_variable wake;       ///< for the thread
    std::condition_variable roundEnded; ///< for flush()
    std::vector<TokenEvent> queue;      ///< this and the next five: under queueMutex
    size_t unwritten = 0;               ///< in the thread's hands
    uint64_t dropped = 0;
    uint64_t roundsBegun = 0;
    uint64_t roundsEnded = 0;
    bool hurry = false;
    bool stop = false;

    std::vector<TokenEvent> pending; ///< this and the rest: the thread's own
    Throttle pruned;
    Throttle complained;
    Throttle overflowed;
    std::thread thread;

    void enqueue(TokenEvent &&event, size_t limit);
    void run();
    void writePending();
    void complainOfOverflow(uint64_t count);
};

void TokenJournal::Impl::enqueue(TokenEvent &&event, size_t limit)
{
    const std::lock_guard lock(queueMutex);
    if (queue.size() + unwritten >= limit) {
        ++dropped;
        return;
    }
    queue.push_back(std::move(event));
    if (queue.size() == 1)
        wake.notify_one();
}

void TokenJournal::Impl::run()
{
    pruned.pass(pruneInterval);
    std::unique_lock lock(queueMutex);
    while (!stop || !queue.empty()) {
        wake.wait(lock, [this] { return stop || hurry || !queue.empty() || unwritten > 0; });
        wake.wait_for(lock, writeInterval, [this] { return stop || hurry; });
        hurry = false;
        ++roundsBegun;
        std::move(queue.begin(), queue.end(), std::back_inserter(pending));
        queue.clear();
        unwritten = pending.size();
        const uint64_t lost = std::exchange(dropped, 0);
        lock.unlock();
        writePending();
        complainOfOverflow(lost);
        lock.lock();
        unwritten = pending.size();
        roundsEnded = roundsBegun;
        roundEnded.notify_all();
    }
    if (!pending.empty())
        log(LogLevel::Error, "token journal ended with events that are not written",
            {{"count", pending.size()}});
}

void TokenJournal::Impl::writePending()
{
    const std::lock_guard lock(databaseMutex);
    size_t done = 0;
    Result<void> result;
    while (result && done < pending.size()) {
        const size_t count = std::min(eventsPerTransaction, pending.size() - done);
        result = database->write(std::span(pending).subspan(done, count));
        done += result ? count : 0;
    }
    pending.erase(pending.begin(), pending.begin() + std::ptrdiff_t(done));
    if (result && pruned.pass(pruneInterval))
        result = database->prune(std::chrono::system_clock::now());
    if (!result && complained.pass(complaintInterval))
        log(LogLevel::Error, "token journal was not written, it will be tried again",
            {{"reason", result.error().detail}, {"waiting", pending.size()}});
}

/// `count` more were dropped since the last round; a round without any says nothing.
void TokenJournal::Impl::complainOfOverflow(uint64_t count)
{
    if (count == 0)
        return;
    if (overflowed.pass(complaintInterval)) {
        log(LogLevel::Warning, "token journal fell behind and dropped events", {{"count", count}});
        return;
    }
    const std::lock_guard lock(queueMutex);
    dropped += count; // told with the next line
}

TokenJournal::TokenJournal() : m_impl(new Impl) {}

Result<std::unique_ptr<TokenJournal>> TokenJournal::open(const std::filesystem::path &folder)
{
    auto database = TokenDatabase::open(folder / "tokens.sqlite");
    if (!database)
        return Unexpected(database.error());
    std::unique_ptr<TokenJournal> journal(new TokenJournal);
    journal->m_impl->database = std::move(*database);
    journal->m_impl->thread = std::thread([impl = journal->m_impl.get()] { impl->run(); });
    return journal;
}

TokenJournal::~TokenJournal()
{
    if (!m_impl->thread.joinable())
        return;
    {
        const std::lock_guard lock(m_impl->queueMutex);
        m_impl->stop = true;
        m_impl->wake.notify_one();
    }
    m_impl->thread.join();
}

Result<void> TokenJournal::load(ReservationTable &table, WallTime now)
{
    const std::lock_guard lock(m_impl->databaseMutex);
    if (auto loaded = m_impl->database->load(table, now); !loaded)
        return loaded;
    if (auto pruned = m_impl->database->prune(now); !pruned)
        log(LogLevel::Warning, "token journal was not pruned", {{"reason", pruned.error().detail}});
    return {};
}

void TokenJournal::flush()
{
    std::unique_lock lock(m_impl->queueMutex);
    const uint64_t round = m_impl->roundsBegun + 1; // takes all that is in the queue by now
    m_impl->hurry = true;
    m_impl->wake.notify_one();
    m_impl->roundEnded.wait(lock, [&] { return m_impl->roundsEnded >= round; });
}

void TokenJournal::reserved(const GatewayId &gateway, const Reservation &reservation)
{
    m_impl->enqueue({TokenEvent::Kind::Reserved, gateway, reservation}, maxWaiting);
}

void TokenJournal::ended(const GatewayId &gateway, const std::string &tokenId, WallTime expiresAt)
{
    TokenEvent event{TokenEvent::Kind::Ended, gateway, {}};
    event.reservation.tokenId = tokenId;
    event.reservation.expiresAt = expiresAt;
    m_impl->enqueue(std::move(event), maxWaitingEnded);
}

void TokenJournal::forgotten(const GatewayId &gateway)
{
    m_impl->enqueue({TokenEvent::Kind::Forgotten, gateway, {}}, maxWaitingEnded);
}

} // namespace mws
