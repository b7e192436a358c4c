#pragma once

#include "support/deadline.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mws::test {

/// What was posted and how it was answered, what each socket got, and whether the two agree. Senders number
/// their messages from 0. Thread: any.
class Ledger
{
public:
    using Moment = std::chrono::steady_clock::time_point;

    /// How one attempt to post ended.
    enum class Answer {
        Accepted, ///< 2xx
        Refused,  ///< 503: it may have been accepted all the same
        Unknown,  ///< no answer came
    };

    size_t addSender();
    /// Before the first attempt: from now on it may arrive.
    uint32_t begin(size_t sender);
    void answered(size_t sender, uint32_t number, Answer answer);
    /// What is sent.
    static std::string text(size_t sender, uint32_t number);

    /// `opened`: everything whose first attempt begins later is for this socket.
    size_t addReader(Moment opened);
    void received(size_t reader, std::string_view text);
    /// By a Close with this code, or 1006.
    void ended(size_t reader, int code);
    /// Its node has gone, or it is not looked at any more.
    void excuse(size_t reader);

    /// Of one sender, or of all.
    uint64_t accepted(size_t sender) const;
    uint64_t accepted() const;
    uint64_t refused() const;
    int code(size_t reader) const;
    bool waitForAccepted(size_t sender, uint64_t count, std::chrono::milliseconds wait = longPatience) const;
    bool waitForEnd(size_t reader, std::chrono::milliseconds wait = longPatience) const;
    /// Until nothing that was accepted is missing at a socket that is open.
    bool waitUntilWhole(std::chrono::milliseconds wait = longPatience) const;

    /// What the accounts say at the end.
    struct Balance
    {
        uint64_t accepted = 0;
        uint64_t refused = 0;   ///< attempts
        uint64_t unknown = 0;   ///< attempts
        uint64_t delivered = 0; ///< at all sockets
        size_t told1012 = 0;    ///< sockets
        uint64_t lostTold = 0;  ///< begun before those ended, accepted, and missing there
    };
    /// Fails the test for each message that is missing at an open socket, that came twice, in another order
    /// than its sender's, or that nobody sent.
    Balance verify() const;

private:
    struct Posting
    {
        Moment begun;
        bool accepted = false;
    };
    struct Reader
    {
        Moment opened;
        std::vector<std::pair<size_t, uint32_t>> got;
        std::set<std::pair<size_t, uint32_t>> known;
        std::vector<std::string> strange;
        int code = 0;
        Moment end = Moment::max();
        bool excused = false;
        bool mustHaveAll() const { return code == 0 && !excused; }
    };

    uint64_t missing(const Reader &reader, std::string *first = nullptr) const;
    void verifyArrivals(size_t number, const Reader &reader) const;
    bool isWhole() const;

    mutable std::mutex m_mutex;
    mutable std::condition_variable m_changed;
    std::vector<std::vector<Posting>> m_senders; // all of these under m_mutex
    std::vector<uint64_t> m_accepted;            // by sender
    uint64_t m_refused = 0;
    uint64_t m_unknown = 0;
    std::vector<Reader> m_readers;
};

} // namespace mws::test
