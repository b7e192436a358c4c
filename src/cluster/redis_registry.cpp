#include "cluster/redis_registry.h"

#include "base/number_text.h"
#include "cluster/redis_registry_scripts.h"
#include "cluster/redis_keys.h"
#include "cluster/registry_row.h"

#include <algorithm>
#include <utility>

namespace mws {

namespace {

constexpr size_t stampDigits = 13;

/// Of `id, stamp, body`, as registryWriteScript() puts them together.
std::optional<RegistryRow> rowOf(std::string_view member)
{
    constexpr size_t head = SocketId::length + stampDigits;
    if (member.size() < head)
        return std::nullopt;
    const auto id = SocketId::parse(member.substr(0, SocketId::length));
    const auto stamp = numberOf<uint64_t>(member.substr(SocketId::length, stampDigits), 16);
    if (!id || !stamp)
        return std::nullopt;
    return RegistryRow{*id, *stamp, std::string(member.substr(head))};
}

std::optional<SocketId> idOf(const RedisReply &reply)
{
    return SocketId::parse(reply.text);
}

/// False if it makes no sense.
bool readDone(const RedisReply &reply, RegistryWritten &written)
{
    if (reply.elements.size() != 5 || reply.elements[2].elements.size() % 2 != 0 ||
        reply.elements[3].elements.size() % 3 != 0)
        return false;
    const auto stamp = numberOf<uint64_t>(reply.elements[1].text);
    if (!stamp)
        return false;
    written.stamp = *stamp;
    const auto &earlier = reply.elements[2].elements;
    for (size_t i = 0; i < earlier.size(); i += 2) {
        const auto id = idOf(earlier[i]);
        const auto at = numberOf<uint64_t>(earlier[i + 1].text);
        if (!id || !at)
            return false;
        written.earlier.emplace_back(*id, *at);
    }
    const auto &rivals = reply.elements[3].elements;
    for (size_t i = 0; i < rivals.size(); i += 3) {
        const auto id = idOf(rivals[i]);
        if (!id)
            return false;
        written.rivals.push_back({*id, rivals[i + 1].text, rivals[i + 2].integer == 1});
    }
    for (const RedisReply &contested : reply.elements[4].elements)
        if (const auto id = idOf(contested))
            written.contested.push_back(*id);
    return true;
}

RegistryWritten writtenOf(const RedisAnswer &answer)
{
    RegistryWritten written;
    if (!answer.good()) {
        written.detail = answer.answered() ? answer.reply.text : answer.detail;
        return written;
    }
    const std::string_view word =
        answer.reply.elements.empty() ? std::string_view() : answer.reply.elements[0].text;
    if (word == "lost")
        written.outcome = RegistryWritten::Outcome::Lost;
    else if (word == "done" && readDone(answer.reply, written))
        written.outcome = RegistryWritten::Outcome::Done;
    else
        written.detail = "an answer that makes no sense";
    return written;
}

/// Rows up to the first id after which a node has more, each id once.
RegistrySlice sliceOf(const RedisReply &reply)
{
    RegistrySlice slice;
    for (const RedisReply &node : reply.elements) {
        const auto upTo = node.elements.size() == 2 ? idOf(node.elements[0]) : std::nullopt;
        if (upTo && (!slice.upTo || *upTo < *slice.upTo))
            slice.upTo = upTo;
    }
    for (const RedisReply &node : reply.elements)
        for (const RedisReply &member :
             node.elements.size() == 2 ? node.elements[1].elements : std::vector<RedisReply>()) {
            auto row = rowOf(member.text);
            if (row && (!slice.upTo || row->id <= *slice.upTo))
                slice.rows.push_back(*std::move(row));
        }
    std::sort(slice.rows.begin(), slice.rows.end(), [](const RegistryRow &a, const RegistryRow &b) {
        return a.id != b.id ? a.id < b.id : a.stamp > b.stamp;
    });
    const auto same = [](const RegistryRow &a, const RegistryRow &b) { return a.id == b.id; };
    slice.rows.erase(std::unique(slice.rows.begin(), slice.rows.end(), same), slice.rows.end());
    return slice;
}

/// The lower bound of ZRANGEBYLEX for ids after `cursor`: what follows an id in a row is below \xff.
std::string boundAfter(const std::string &cursor)
{
    if (cursor.empty())
        return "-";
    return cursor.size() < SocketId::length ? "(" + cursor
                                            : "(" + cursor.substr(0, SocketId::length) + "\xff";
}

} // namespace

std::string RedisRegistry::key(const GatewayId &gateway, std::string_view name) const
{
    return redisKey(m_prefix, gateway, name);
}

std::vector<std::string> RedisRegistry::nodeKeys(const GatewayId &gateway, const NodeId &node) const
{
    return {key(gateway, "n"), key(gateway, "v"), key(gateway, "r:" + node), key(gateway, "x:" + node)};
}

void RedisRegistry::write(RegistryWrite write, std::function<void(RegistryWritten)> done)
{
    RedisCall call;
    call.args = nodeKeys(write.gateway, write.node);
    call.args.reserve(call.args.size() + 5 + 3 * write.rows.size() + write.removed.size());
    call.args.push_back(std::move(write.node));
    for (const uint64_t number :
         {write.sequence, write.after, uint64_t(write.lease.count()), uint64_t(write.rows.size())})
        call.args.push_back(std::to_string(number));
    for (RegistryRow &row : write.rows) {
        call.args.push_back(row.id.string());
        call.args.push_back(std::to_string(row.stamp));
        call.args.push_back(std::move(row.body));
    }
    for (const SocketId &id : write.removed)
        call.args.push_back(id.string());
    call.whenDown = RedisWhenDown::Fail; // the registry tries again by itself
    m_redis.run(registryWriteScript(), 4, std::move(call),
                [done = std::move(done)](const RedisAnswer &answer) { done(writtenOf(answer)); });
}

void RedisRegistry::release(const GatewayId &gateway, const NodeId &node, uint64_t sequence,
                            std::function<void(bool)> done)
{
    RedisCall call;
    call.args = nodeKeys(gateway, node);
    call.args.push_back(node);
    call.args.push_back(std::to_string(sequence));
    call.whenDown = RedisWhenDown::Fail;
    m_redis.run(registryReleaseScript(), 4, std::move(call),
                [done = std::move(done)](const RedisAnswer &answer) { done(answer.good()); });
}

void RedisRegistry::list(RegistryQuery query, std::function<void(std::optional<RegistrySlice>)> done)
{
    RedisCall call;
    call.args = {key(query.gateway, "n"),
                 std::move(query.self),
                 boundAfter(query.after),
                 std::to_string(query.tag ? 0 : std::min(query.limit, rowsOfStep)),
                 query.tag ? registryRowTag(*query.tag) : std::string(),
                 std::to_string(rowsOfStep),
                 std::to_string(bytesOfStep)};
    call.whenDown = RedisWhenDown::Fail;
    m_redis.run(registryListScript(), 1, std::move(call),
                [done = std::move(done)](const RedisAnswer &answer) {
                    done(answer.good() ? std::optional(sliceOf(answer.reply)) : std::nullopt);
                });
}

void RedisRegistry::find(const GatewayId &gateway, const NodeId &self, const SocketId &id,
                         std::function<void(std::optional<std::vector<NodeId>>)> done)
{
    RedisCall call;
    call.args = {key(gateway, "n"), self, id.string()};
    call.whenDown = RedisWhenDown::Fail;
    m_redis.run(registryFindScript(), 1, std::move(call),
                [done = std::move(done)](const RedisAnswer &answer) {
                    if (!answer.good())
                        return done(std::nullopt);
                    std::vector<std::pair<RegistryStamp, NodeId>> found;
                    const auto &elements = answer.reply.elements;
                    for (size_t i = 0; i + 1 < elements.size(); i += 2)
                        if (const auto row = rowOf(elements[i + 1].text))
                            found.emplace_back(row->stamp, elements[i].text);
                    std::sort(found.rbegin(), found.rend());
                    std::vector<NodeId> nodes;
                    for (auto &[stamp, node] : found)
                        nodes.push_back(std::move(node));
                    done(std::move(nodes));
                });
}

void RedisRegistry::nodes(const GatewayId &gateway, const NodeId &self,
                          std::function<void(std::optional<std::vector<NodeId>>)> done)
{
    RedisCall call;
    call.args = {key(gateway, "n"), self};
    call.whenDown = RedisWhenDown::Fail;
    m_redis.run(registryNodesScript(), 1, std::move(call),
                [done = std::move(done)](const RedisAnswer &answer) {
                    if (!answer.good())
                        return done(std::nullopt);
                    std::vector<NodeId> nodes;
                    for (const RedisReply &node : answer.reply.elements)
                        nodes.push_back(node.text);
                    done(std::move(nodes));
                });
}

} // namespace mws
