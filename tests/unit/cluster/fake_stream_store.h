#pragma once

#include "cluster/stream_store.h"
#include "fake_link.h"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mws::test {

/// What all nodes of a simulated cluster write and read, with a copy that a replica has of it. Nothing
/// happens by itself.
class FakeStreamServer
{
public:
    struct Stream
    {
        StreamPosition base; ///< of what was trimmed
        std::deque<StreamEntry> entries;
        std::vector<std::string> written;       ///< bodies of this history, also of what was trimmed
        std::map<std::string, std::string> ids; ///< idempotency ids and their digests
        StreamPosition last() const { return entries.empty() ? base : entries.back().position; }
    };

    StreamAppended append(const StreamAppend &append)
    {
        Stream &stream = streams[append.gateway];
        if (!append.idempotencyId.empty()) {
            const auto [known, isNew] = stream.ids.emplace(append.idempotencyId, append.digest);
            if (!isNew)
                return {known->second == append.digest ? StreamAppended::Outcome::Repeated
                                                       : StreamAppended::Outcome::Conflict,
                        {},
                        {}};
        }
        const StreamPosition last = stream.last();
        stream.entries.push_back({{last.sequence + 1, append.nonce}, last.nonce, append.body, {}});
        stream.written.push_back(append.body);
        return {StreamAppended::Outcome::Written, stream.last(), {}};
    }
    StreamRead read(const GatewayId &gateway, const std::optional<StreamPosition> &after, size_t most)
    {
        const Stream &stream = streams[gateway];
        StreamRead read{stream.last(), {}, false};
        for (const StreamEntry &entry : stream.entries)
            if (after && entry.position.sequence > after->sequence) {
                read.more = read.entries.size() == most;
                if (read.more)
                    break;
                read.entries.push_back(entry);
            }
        return read;
    }
    void trim(const GatewayId &gateway, size_t keep)
    {
        Stream &stream = streams[gateway];
        for (; stream.entries.size() > keep; stream.entries.pop_front())
            stream.base = stream.entries.front().position;
    }
    void replicate() { m_replica = streams; }
    void failOver() { streams = m_replica; }
    void forget()
    {
        streams.clear();
        replicate();
    }

    std::map<GatewayId, Stream> streams;

private:
    std::map<GatewayId, Stream> m_replica;
};

/// One node's way to the server; the link can break at any point.
class FakeStreamStore final : public StreamStore
{
public:
    explicit FakeStreamStore(FakeStreamServer &server, bool up = true) : m_server(server), m_link(up) {}

    void setListener(StreamListener *listener) override { m_listener = listener; }
    bool isUp(const GatewayId &gateway = {}) const override
    {
        return m_link.isUp() && !m_away.contains(gateway);
    }
    void append(StreamAppend append, std::function<void(StreamAppended)> done) override
    {
        m_link.send<StreamAppended>([this, append = std::move(append)] { return m_server.append(append); },
                                    std::move(done), {StreamAppended::Outcome::Refused, {}, "down"},
                                    {StreamAppended::Outcome::Unknown, {}, "the link broke"});
    }
    void read(const GatewayId &gateway, std::optional<StreamPosition> after,
              std::function<void(std::optional<StreamRead>)> done) override
    {
        m_link.send<std::optional<StreamRead>>(
            [this, gateway, after] { return m_server.read(gateway, after, entriesOfRead); }, std::move(done),
            std::nullopt, std::nullopt);
    }
    void follow(const GatewayId &gateway, const StreamPosition &after) override
    {
        m_followed[gateway] = after.sequence;
    }
    void unfollow(const GatewayId &gateway) override { m_followed.erase(gateway); }

    /// The server does the next command.
    void perform() { m_link.perform(); }
    /// The node gets the next answer.
    void answer() { m_link.answer(); }
    /// The node gets the next entry of those that it follows.
    void push()
    {
        for (auto &[gateway, after] : m_followed)
            for (const StreamEntry &entry : m_server.streams[gateway].entries)
                if (entry.position.sequence > after) {
                    after = entry.position.sequence;
                    StreamEntry copy = entry;
                    return m_listener->pushed(gateway, std::move(copy));
                }
    }
    void breakLink()
    {
        const auto underWay = m_link.breakOff();
        m_listener->storeDown();
        const auto followed = std::exchange(m_followed, {});
        // What was not performed may still be: of half of them the server knows.
        for (const auto &command : underWay.commands) {
            m_performWhenLost = !m_performWhenLost;
            if (m_performWhenLost)
                command->perform();
        }
        FakeLink::lose(underWay.commands);
        FakeLink::lose(underWay.answers);
        for (const auto &[gateway, after] : followed)
            m_listener->pushesLost(gateway);
    }
    void mendLink()
    {
        if (m_link.isUp())
            return;
        m_link.mend();
        m_listener->storeUp();
    }
    /// What has this gateway's stream is away, and the rest is not.
    void takeAway(const GatewayId &gateway)
    {
        m_away.insert(gateway);
        m_followed.erase(gateway);
        m_listener->pushesLost(gateway);
        m_listener->storeDown();
    }
    /// Nobody is told.
    void bringBack(const GatewayId &gateway) { m_away.erase(gateway); }
    bool busy() const { return m_link.busy() || hasPush(); }
    bool follows(const GatewayId &gateway) const { return m_followed.contains(gateway); }
    /// Does everything that is to be done.
    void settle()
    {
        while (busy()) {
            perform();
            answer();
            push();
        }
    }

    size_t entriesOfRead = 3;

private:
    bool hasPush() const
    {
        for (const auto &[gateway, after] : m_followed)
            if (m_server.streams[gateway].last().sequence > after &&
                !m_server.streams[gateway].entries.empty())
                return true;
        return false;
    }

    FakeStreamServer &m_server;
    StreamListener *m_listener = nullptr;
    FakeLink m_link;
    std::set<GatewayId> m_away;
    bool m_performWhenLost = false;
    std::map<GatewayId, uint64_t> m_followed;
};

} // namespace mws::test
