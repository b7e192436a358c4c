#include "redis/redis_reply.h"

#include "base/number_text.h"

namespace mws {

RedisReply RedisReply::ofText(Kind kind, std::string text)
{
    RedisReply reply;
    reply.kind = kind;
    reply.text = std::move(text);
    return reply;
}

RedisReply RedisReply::ofInteger(int64_t integer)
{
    RedisReply reply;
    reply.kind = Kind::Integer;
    reply.integer = integer;
    return reply;
}

RedisReply RedisReply::ofArray(std::vector<RedisReply> elements)
{
    RedisReply reply;
    reply.kind = Kind::Array;
    reply.elements = std::move(elements);
    return reply;
}

std::optional<std::string_view> RedisReply::string() const
{
    if (kind != Kind::String && kind != Kind::Status)
        return std::nullopt;
    return text;
}

std::optional<int64_t> RedisReply::number() const
{
    if (kind == Kind::Integer)
        return integer;
    return kind == Kind::String ? numberOf<int64_t>(text) : std::nullopt;
}

std::string_view RedisReply::errorCode() const
{
    return isError() ? std::string_view(text).substr(0, text.find(' ')) : std::string_view();
}

} // namespace mws
