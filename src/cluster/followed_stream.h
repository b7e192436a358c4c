#pragma once

#include "cluster/stream_broker.h"
#include "mws/base/log.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace mws {

/// A gateway whose stream is read here.
class StreamBroker::Followed final : private StreamFeedOwner
{
public:
    Followed(StreamBroker &broker, GatewayId gateway) : m_broker(broker), m_gateway(std::move(gateway)) {}
    ~Followed() { *m_alive = false; }

    void connect()
    {
        m_following = false;
        feed.subscribed();
    }
    void disconnect()
    {
        m_following = false;
        feed.linkLost();
    }
    void push(StreamEntry &&entry) { feed.pushed(std::move(entry)); }

    void join(Joined done, SteadyTime deadline)
    {
        ++joined;
        if (m_following && feed.isHeld())
            done({});
        else
            m_joining.push_back({std::move(done), deadline});
    }
    void refuse(const char *why, SteadyTime until)
    {
        const auto late = std::stable_partition(m_joining.begin(), m_joining.end(),
                                                [until](const Joining &one) { return one.deadline > until; });
        std::vector<Joining> refused(std::make_move_iterator(late), std::make_move_iterator(m_joining.end()));
        m_joining.erase(late, m_joining.end());
        for (const Joining &one : refused)
            one.done(Unexpected(temporarilyUnavailable(why)));
    }

    /// isBehind() until all that the stream has by now was delivered.
    void catchUp()
    {
        if (!feed.isHeld())
            return;
        setGoal(UINT64_MAX); // until the store says where the stream ends
        m_broker.m_store.read(
            m_gateway, std::nullopt,
            [this, alive = m_alive, request = ++m_goalRequest](const std::optional<StreamRead> &answer) {
                if (!*alive || request != m_goalRequest)
                    return;
                setGoal(answer ? std::optional(answer->last.sequence) : std::nullopt);
                if (isBehind())
                    feed.check(); // a push may be on its way, or lost
            });
    }
    bool isBehind() const { return m_goal.has_value(); }
    void giveUpGoal() { setGoal(std::nullopt); }

    StreamFeed feed{*this};
    size_t joined = 0;
    SteadyTime idleSince{};
    SteadyTime heard{}; ///< of the stream: an entry came, or it was asked

private:
    struct Joining
    {
        Joined done;
        SteadyTime deadline;
    };

    void readStream(uint64_t request, std::optional<StreamPosition> after) override
    {
        m_broker.m_store.read(m_gateway, after,
                              [this, alive = m_alive, request](std::optional<StreamRead> answer) {
                                  if (*alive)
                                      answered(request, std::move(answer));
                              });
    }
    void answered(uint64_t request, std::optional<StreamRead> answer)
    {
        if (!answer) { // the store says storeUp() when it can be asked again, or tick() tries it
            disconnect();
            return;
        }
        feed.read(request, answer->last, std::move(answer->entries), answer->more);
        if (!feed.isHeld() || std::exchange(m_following, true))
            return;
        m_broker.m_store.follow(m_gateway, *feed.position());
        for (Joining &one : std::exchange(m_joining, {}))
            one.done({});
    }
    void setGoal(std::optional<uint64_t> goal)
    {
        if (goal && feed.position()->sequence >= *goal)
            goal.reset();
        if (isBehind())
            --m_broker.m_behind;
        m_goal = goal;
        if (isBehind())
            ++m_broker.m_behind;
        m_broker.noticeCaughtUp();
    }
    void positionHeld() override {}
    void entryCame(StreamEntry &&entry) override
    {
        m_broker.m_metrics.entriesRead.add();
        heard = m_broker.m_clock.now(); // entries are a chain: whatever was lost before it was noticed
        deliver(entry);
        if (isBehind())
            setGoal(m_goal);
    }
    void deliver(const StreamEntry &entry)
    {
        const uint64_t nonce = entry.position.nonce;
        auto message = decodeClusterMessage(entry.body);
        if (!message) {
            log(LogLevel::Error, "a message of another version of the gateway is passed over",
                {{"gateway", m_gateway}, {"sequence", entry.position.sequence}});
            return;
        }
        if (message->ttl) {
            if (*message->ttl <= entry.age)
                return m_broker.delivered(nonce, {}); // it has waited too long
            *message->ttl -= entry.age;
        }
        message->accepted = m_broker.acceptedAt(nonce);
        m_broker.delivered(nonce, m_broker.m_node.deliver(m_gateway, *std::move(message)));
    }
    void entriesLost(const char *reason) override
    {
        m_broker.lost(m_gateway, reason);
        giveUpGoal();
    }

    StreamBroker &m_broker;
    const GatewayId m_gateway;
    bool m_following = false;       ///< the store pushes
    std::optional<uint64_t> m_goal; ///< the sequence up to which catchUp() awaits entries
    uint64_t m_goalRequest = 0;
    std::vector<Joining> m_joining;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace mws
