#include "hub/node_call.h"

#include "cluster/wire.h"

#include <utility>

namespace mws {

namespace {

/// The first byte of a call and of an answer; a node that does not know it does not answer.
constexpr char format = 1;

enum Flag : uint8_t { HasTag = 1, HasUser = 2, HasTime = 4 };

enum class Verdict : uint8_t { Good, NotFound, InvalidData, Unavailable };

std::optional<WallTime> takeTime(WireReader &reader)
{
    const auto milliseconds = reader.number();
    return milliseconds ? wallTimeOf(*milliseconds) : std::nullopt;
}

void putFilter(std::string &out, const SocketFilter &filter)
{
    out.push_back(
        char((filter.tag ? HasTag : 0) | (filter.user ? HasUser : 0) | (filter.issuedBefore ? HasTime : 0)));
    if (filter.tag)
        putText(out, *filter.tag);
    if (filter.user)
        putText(out, *filter.user);
    if (filter.issuedBefore)
        putNumber(out, millisecondsOf(*filter.issuedBefore));
}

bool takeFilter(WireReader &reader, SocketFilter &filter)
{
    const auto flags = reader.byte();
    if (!flags)
        return false;
    const auto tag = *flags & HasTag ? reader.text() : std::nullopt;
    const auto user = *flags & HasUser ? reader.text() : std::nullopt;
    const auto time = *flags & HasTime ? takeTime(reader) : std::nullopt;
    if (tag)
        filter.tag = Tag(*tag);
    if (user)
        filter.user = std::string(*user);
    if (time)
        filter.issuedBefore = *time;
    return *flags == ((tag ? HasTag : 0) | (user ? HasUser : 0) | (time ? HasTime : 0));
}

bool takeId(WireReader &reader, SocketId &id)
{
    const auto text = reader.text();
    const auto parsed = text ? SocketId::parse(*text) : std::nullopt;
    if (parsed)
        id = *parsed;
    return parsed.has_value();
}

bool takeTags(WireReader &reader, std::vector<Tag> &tags)
{
    auto texts = reader.texts();
    if (texts)
        tags = *std::move(texts);
    return texts.has_value();
}

bool takeText(WireReader &reader, std::string &out)
{
    const auto text = reader.text();
    if (text)
        out = *text;
    return text.has_value();
}

bool takeClosing(WireReader &reader, NodeCall &call)
{
    const auto code = reader.number();
    if (!code || *code < 1000 || *code > 4999)
        return false;
    call.code = CloseCode(*code);
    return takeText(reader, call.reason);
}

bool takeArguments(WireReader &reader, NodeCall &call)
{
    switch (call.kind) {
    case NodeCall::Kind::Show:
        return takeId(reader, call.id);
    case NodeCall::Kind::ChangeTags:
        return takeId(reader, call.id) && takeTags(reader, call.add) && takeTags(reader, call.remove);
    case NodeCall::Kind::Close:
        return takeId(reader, call.id) && takeClosing(reader, call);
    case NodeCall::Kind::CloseMany:
        return takeFilter(reader, call.filter) && takeClosing(reader, call);
    }
    return false;
}

Unexpected notUnderstood()
{
    return Unexpected(
        temporarilyUnavailable("The node that has this socket gave no answer that is understood"));
}

std::optional<SocketInfo> takeSocket(WireReader &reader)
{
    SocketInfo info;
    if (!takeId(reader, info.id))
        return std::nullopt;
    const auto connectedAt = takeTime(reader);
    const auto queued = reader.number();
    if (!connectedAt || !queued || !takeText(reader, info.user) || !takeText(reader, info.remote) ||
        !takeTags(reader, info.tags) || !reader.atEnd())
        return std::nullopt;
    info.connectedAt = *connectedAt;
    info.queuedBytes = *queued;
    return info;
}

} // namespace

std::string encode(const NodeCall &call)
{
    std::string out{format, char(call.kind)};
    putText(out, call.gateway);
    if (call.kind != NodeCall::Kind::CloseMany)
        putText(out, call.id.view());
    else
        putFilter(out, call.filter);
    if (call.kind == NodeCall::Kind::ChangeTags) {
        putTexts(out, call.add);
        putTexts(out, call.remove);
    } else if (call.kind != NodeCall::Kind::Show) {
        putNumber(out, uint64_t(call.code));
        putText(out, call.reason);
    }
    return out;
}

std::optional<NodeCall> decodeNodeCall(std::string_view bytes)
{
    WireReader reader(bytes);
    const auto version = reader.byte();
    const auto kind = reader.byte();
    const auto gateway = reader.text();
    if (version != uint8_t(format) || !kind || !gateway || !isGatewayId(*gateway))
        return std::nullopt;
    NodeCall call;
    call.kind = NodeCall::Kind(*kind);
    call.gateway = *gateway;
    if (!takeArguments(reader, call) || !reader.atEnd())
        return std::nullopt;
    return call;
}

std::string encodeSocketAnswer(const Result<SocketInfo> &answer)
{
    std::string out{format};
    if (answer) {
        out.push_back(char(Verdict::Good));
        putText(out, answer->id.view());
        putNumber(out, millisecondsOf(answer->connectedAt));
        putNumber(out, answer->queuedBytes);
        putText(out, answer->user);
        putText(out, answer->remote);
        putTexts(out, answer->tags);
        return out;
    }
    const Error &error = answer.error();
    out.push_back(char(error.code == ErrorCode::NotFound      ? Verdict::NotFound
                       : error.code == ErrorCode::InvalidData ? Verdict::InvalidData
                                                              : Verdict::Unavailable));
    putText(out, error.detail);
    putText(out, error.property);
    return out;
}

Result<SocketInfo> decodeSocketAnswer(std::string_view bytes)
{
    WireReader reader(bytes);
    const auto version = reader.byte();
    const auto verdict = reader.byte();
    if (version != uint8_t(format) || !verdict || *verdict > uint8_t(Verdict::Unavailable))
        return notUnderstood();
    if (Verdict(*verdict) == Verdict::Good) {
        auto info = takeSocket(reader);
        return info ? Result<SocketInfo>(*std::move(info)) : notUnderstood();
    }
    Error error;
    if (!takeText(reader, error.detail) || !takeText(reader, error.property) || !reader.atEnd())
        return notUnderstood();
    error.code = Verdict(*verdict) == Verdict::NotFound      ? ErrorCode::NotFound
                 : Verdict(*verdict) == Verdict::InvalidData ? ErrorCode::InvalidData
                                                             : ErrorCode::Unavailable;
    return Unexpected(std::move(error));
}

std::string encodeCount(size_t count)
{
    std::string out{format};
    putNumber(out, count);
    return out;
}

std::optional<size_t> decodeCount(std::string_view bytes)
{
    WireReader reader(bytes);
    if (reader.byte() != uint8_t(format))
        return std::nullopt;
    const auto count = reader.number();
    return count && reader.atEnd() ? std::optional<size_t>(*count) : std::nullopt;
}

} // namespace mws
