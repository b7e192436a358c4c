#pragma once

#include "cluster/stream_store.h"

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

/// One node's way to the server. Commands and answers wait until they are let through, each in its order; the
/// link can break at any point.
class FakeStreamStore final : public StreamStore
{
public:
    explicit FakeStreamStore(FakeStreamServer &server, bool up = true) : m_server(server), m_up(up) {}

    void setListener(StreamListener *listener) override { m_listener = listener; }
    bool isUp(const GatewayId &gateway = {}) const override { return m_up && !m_away.contains(gateway); }
    void append(StreamAppend append, std::function<void(StreamAppended)> done) override
    {
        command([this, append = std::move(append)] { return m_server.append(append); }, std::move(done),
                StreamAppended{StreamAppended::Outcome::Refused, {}, "down"},
                StreamAppended{StreamAppended::Outcome::Unknown, {}, "the link broke"});
    }
    void read(const GatewayId &gateway, std::optional<StreamPosition> after,
              std::function<void(std::optional<StreamRead>)> done) override
    {
        command(
            [this, gateway, after] { return std::optional(m_server.read(gateway, after, entriesOfRead)); },
            std::move(done), std::optional<StreamRead>(), std::optional<StreamRead>());
    }
    void follow(const GatewayId &gateway, const StreamPosition &after) override
    {
        m_followed[gateway] = after.sequence;
    }
    void unfollow(const GatewayId &gateway) override { m_followed.erase(gateway); }

    /// The server does the next command.
    void perform()
    {
        if (m_commands.empty())
            return;
        Command next = std::move(m_commands.front());
        m_commands.pop_front();
        m_answers.push_back({next.perform(), std::move(next.lost)});
    }
    /// The node gets the next answer.
    void answer()
    {
        if (m_answers.empty())
            return;
        auto next = std::move(m_answers.front());
        m_answers.pop_front();
        next.first();
    }
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
        m_up = false;
        m_listener->storeDown();
        const auto followed = std::exchange(m_followed, {});
        // What was not performed may still be: of half of them the server knows.
        std::vector<std::function<void()>> lost;
        for (Command &command : std::exchange(m_commands, {})) {
            m_performWhenLost = !m_performWhenLost;
            if (m_performWhenLost)
                command.perform();
            lost.push_back(std::move(command.lost));
        }
        for (auto &[answer, whenLost] : std::exchange(m_answers, {}))
            lost.push_back(std::move(whenLost));
        for (const auto &each : lost)
            each();
        for (const auto &[gateway, after] : followed)
            m_listener->pushesLost(gateway);
    }
    void mendLink()
    {
        if (std::exchange(m_up, true))
            return;
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
    bool busy() const { return !m_commands.empty() || !m_answers.empty() || hasPush(); }
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
    struct Command
    {
        std::function<std::function<void()>()> perform; ///< answers how the node is told
        std::function<void()> lost;
    };

    template <typename Answer>
    void command(std::function<Answer()> perform, std::function<void(Answer)> done, Answer refused,
                 Answer lost)
    {
        if (!m_up) {
            m_answers.push_back({[done, refused] { done(refused); }, [done, refused] { done(refused); }});
            return;
        }
        m_commands.push_back({[perform = std::move(perform), done]() -> std::function<void()> {
                                  return [done, answer = perform()] { done(answer); };
                              },
                              [done, lost] { done(lost); }});
    }
    template <typename Perform, typename Answer>
    void command(Perform perform, std::function<void(Answer)> done, Answer refused, Answer lost)
    {
        command<Answer>(std::function<Answer()>(std::move(perform)), std::move(done), std::move(refused),
                        std::move(lost));
    }
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
    bool m_up;
    std::set<GatewayId> m_away;
    bool m_performWhenLost = false;
    std::deque<Command> m_commands;
    std::deque<std::pair<std::function<void()>, std::function<void()>>>
        m_answers; ///< or how it is told that they are lost
    std::map<GatewayId, uint64_t> m_followed;
};

} // namespace mws::test
