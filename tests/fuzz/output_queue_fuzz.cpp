#include "fuzz/fuzz_input.h"
#include "protocol/output_queue.h"

#include <algorithm>
#include <array>
#include <deque>
#include <string>

using namespace mws;
using namespace mws::test;

namespace {

using Kind = OutputQueue::Kind;

/// The queue as a plain list of what waits.
class Model
{
public:
    struct Waiting
    {
        std::string bytes;
        Kind kind;
        SteadyTime expires;
        bool own;
    };

    void pushShared(std::string bytes, Kind kind, SteadyTime expires)
    {
        if (!bytes.empty())
            m_all.push_back({std::move(bytes), kind, expires, false});
    }

    void pushCopy(std::string_view bytes, Kind kind)
    {
        if (bytes.empty())
            return;
        const bool begunLast = m_all.size() == 1 && m_begun > 0;
        if (kind == Kind::Control && !m_all.empty() && m_all.back().own && m_all.back().kind == kind &&
            !begunLast && m_all.back().bytes.size() + bytes.size() <= 4096)
            m_all.back().bytes.append(bytes);
        else
            m_all.push_back({std::string(bytes), kind, {}, true});
    }

    uint64_t expire(SteadyTime now)
    {
        return drop([&](const Waiting &waiting) {
            return waiting.kind == Kind::Data && waiting.expires != SteadyTime{} && waiting.expires <= now;
        });
    }

    size_t dropOldest(size_t limit)
    {
        return drop([&](const Waiting &waiting) { return bytes() > limit && waiting.kind == Kind::Data; });
    }

    void dropUnsent()
    {
        drop([](const Waiting &) { return true; });
    }

    void consume(size_t written)
    {
        written = std::min(written, bytes());
        for (; written > 0; --written) {
            if (++m_begun == m_all.front().bytes.size()) {
                m_all.pop_front();
                m_begun = 0;
            }
        }
    }

    void clear()
    {
        m_all.clear();
        m_begun = 0;
    }

    size_t bytes() const
    {
        size_t sum = 0;
        for (const Waiting &waiting : m_all)
            sum += waiting.bytes.size();
        return sum - m_begun;
    }

    /// What goes out with `vectors` places.
    std::string front(size_t vectors) const
    {
        std::string text;
        for (size_t i = 0; i < std::min(vectors, m_all.size()); ++i)
            text.append(m_all[i].bytes.substr(i == 0 ? m_begun : 0));
        return text;
    }

private:
    /// Of those that have not begun, one after the other from the front.
    template <typename Unwanted>
    size_t drop(Unwanted unwanted)
    {
        size_t dropped = 0;
        for (size_t i = m_begun > 0 ? 1 : 0; i < m_all.size();) {
            if (unwanted(m_all[i])) {
                m_all.erase(m_all.begin() + static_cast<ptrdiff_t>(i));
                ++dropped;
            } else {
                ++i;
            }
        }
        return dropped;
    }

    std::deque<Waiting> m_all;
    size_t m_begun = 0;
};

std::string gathered(OutputQueue &queue, size_t places, SteadyTime now, uint64_t &expired)
{
    std::array<iovec, 8> vectors;
    const size_t used = queue.gather(std::span(vectors).first(places), now, expired);
    require(used <= places);
    std::string text;
    for (size_t i = 0; i < used; ++i)
        text.append(static_cast<const char *>(vectors[i].iov_base), vectors[i].iov_len);
    return text;
}

struct Both
{
    OutputQueue queue;
    Model model;
    SteadyTime now{std::chrono::seconds(100)};

    void step(Choices &choices)
    {
        const Kind kind = choices.flag() ? Kind::Data : Kind::Control;
        switch (choices.oneOf(10)) {
        case 0:
        case 1: {
            const std::string bytes(choices.text(30));
            const SteadyTime expires =
                choices.flag() ? now + std::chrono::seconds(choices.oneOf(8)) - std::chrono::seconds(2)
                               : SteadyTime{};
            queue.pushShared(std::make_shared<const std::string>(bytes), kind, expires);
            return model.pushShared(bytes, kind, expires);
        }
        case 2:
        case 3: {
            const std::string bytes = choices.oneOf(16) == 1 ? std::string(choices.oneOf(256) * 16, 'x')
                                                             : std::string(choices.text(30));
            queue.pushCopy(bytes, kind);
            return model.pushCopy(bytes, kind);
        }
        case 4: {
            const size_t limit = choices.oneOf(128);
            return require(queue.dropOldest(limit) == model.dropOldest(limit));
        }
        case 5:
            queue.dropUnsent();
            return model.dropUnsent();
        case 6:
            now += std::chrono::seconds(choices.oneOf(4));
            return;
        case 7:
            return moveOrClear(choices);
        default:
            return write(choices);
        }
    }

    void moveOrClear(Choices &choices)
    {
        if (choices.oneOf(4) == 1) {
            queue.clear();
            return model.clear();
        }
        OutputQueue moved(std::move(queue));
        require(queue.empty()); // NOLINT(bugprone-use-after-move): what is left is an empty queue
        queue = std::move(moved);
    }

    void write(Choices &choices)
    {
        const size_t places = choices.oneOf(9);
        uint64_t expired = 0;
        const std::string text = gathered(queue, places, now, expired);
        require(expired == model.expire(now));
        require(text == model.front(places));
        const size_t written = choices.flag() ? text.size() : choices.oneOf(256) % (text.size() + 1);
        queue.consume(written);
        model.consume(written);
    }
};

} // namespace

/// Against a plain list: the same bytes in the same order, and the same number dropped, after any calls.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Choices choices(data, size);
    Both both;
    while (choices.left()) {
        both.step(choices);
        require(both.queue.bytes() == both.model.bytes());
        require(both.queue.empty() == (both.model.bytes() == 0));
    }
    return 0;
}
