#pragma once

#include "cluster/node_post.h"
#include "mws/base/clock.h"

#include <deque>
#include <map>
#include <utility>
#include <vector>

namespace mws::test {

/// Where the letters of all nodes lie until they are read.
struct FakePostOffice
{
    struct Letter
    {
        std::string bytes;
        SteadyTime written;
    };
    explicit FakePostOffice(const Clock &theClock) : clock(theClock) {}

    /// All that has not been read is lost.
    void forget() { inboxes.clear(); }
    /// It comes back with data of the past: what was read is there once more.
    void goBack()
    {
        for (auto &[node, letters] : read) {
            auto &inbox = inboxes[node];
            inbox.insert(inbox.begin(), letters.begin(), letters.end());
            letters.clear();
        }
    }

    const Clock &clock;
    std::map<NodeId, std::deque<Letter>> inboxes;
    std::map<NodeId, std::deque<Letter>> read;
};

/// A node's way to the office. Nothing happens by itself: what is sent arrives by perform(), is confirmed by
/// answer(), and what others sent is read by read().
class FakeNodePost final : public NodePost
{
public:
    FakeNodePost(FakePostOffice &office, NodeId self) : m_office(office), m_self(std::move(self)) {}

    void setListener(NodePostListener *listener) override { m_listener = listener; }
    void send(const NodeId &to, std::string letter, std::function<void(Sent)> done) override
    {
        m_leaving.push_back({to, std::move(letter), std::move(done)});
    }

    bool isUp() const { return m_up; }
    /// The next letter arrives.
    void perform()
    {
        if (!m_up || m_leaving.empty())
            return;
        Leaving one = std::move(m_leaving.front());
        m_leaving.pop_front();
        m_office.inboxes[one.to].push_back({std::move(one.letter), m_office.clock.now()});
        m_arrived.push_back(std::move(one.done));
    }
    /// The next one that arrived is confirmed; without a link none arrives, and that is what is said.
    void answer()
    {
        if (!m_up && !m_leaving.empty()) {
            const auto done = std::move(m_leaving.front().done);
            m_leaving.pop_front();
            return done(Sent::No);
        }
        if (m_arrived.empty())
            return;
        const auto done = std::move(m_arrived.front());
        m_arrived.pop_front();
        done(Sent::Yes);
    }
    /// The next letter to this node.
    bool read()
    {
        auto &inbox = m_office.inboxes[m_self];
        if (!m_up || inbox.empty())
            return false;
        FakePostOffice::Letter letter = std::move(inbox.front());
        inbox.pop_front();
        m_office.read[m_self].push_back(letter);
        const auto age =
            std::chrono::duration_cast<std::chrono::milliseconds>(m_office.clock.now() - letter.written);
        if (age <= longestAge && m_listener)
            m_listener->letterCame(std::move(letter.bytes), age);
        return true;
    }
    /// Of what is under way some arrives yet (`late` of it), and some never does; nobody knows.
    void breakLink(size_t late)
    {
        m_up = false;
        std::deque<Leaving> leaving = std::exchange(m_leaving, {});
        std::deque<std::function<void(Sent)>> unsure = std::exchange(m_arrived, {});
        for (Leaving &one : leaving) {
            if (late > 0 && late--)
                m_office.inboxes[one.to].push_back({std::move(one.letter), m_office.clock.now()});
            unsure.push_back(std::move(one.done));
        }
        for (const auto &done : unsure)
            done(Sent::Unknown);
    }
    void mendLink() { m_up = true; }
    /// All that there is to do now.
    bool settle()
    {
        bool any = false;
        for (; m_up && !m_leaving.empty(); any = true)
            perform();
        for (; !m_arrived.empty() || !m_leaving.empty(); any = true)
            answer();
        while (read())
            any = true;
        return any;
    }

private:
    struct Leaving
    {
        NodeId to;
        std::string letter;
        std::function<void(Sent)> done;
    };

    FakePostOffice &m_office;
    const NodeId m_self;
    NodePostListener *m_listener = nullptr;
    bool m_up = true;
    std::deque<Leaving> m_leaving;
    std::deque<std::function<void(Sent)>> m_arrived;
};

} // namespace mws::test
