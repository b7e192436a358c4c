#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// What a Redis server said to one command (RESP2).
struct RedisReply
{
    enum class Kind { Nil, Integer, Status, Error, String, Array };

    Kind kind = Kind::Nil;
    int64_t integer = 0;              ///< of Integer
    std::string text;                 ///< of Status, Error and String; any bytes
    std::vector<RedisReply> elements; ///< of Array

    static RedisReply ofText(Kind kind, std::string text);
    static RedisReply ofInteger(int64_t integer);
    static RedisReply ofArray(std::vector<RedisReply> elements);

    bool isNil() const { return kind == Kind::Nil; }
    bool isError() const { return kind == Kind::Error; }
    bool isArray() const { return kind == Kind::Array; }
    bool isStatus(std::string_view wanted) const { return kind == Kind::Status && text == wanted; }
    /// The text of a Status or String.
    std::optional<std::string_view> string() const;
    /// An Integer, or a String that is one.
    std::optional<int64_t> number() const;
    /// First word of an Error, e.g. `WRONGPASS`, `MOVED`, `ERR`; empty if it is none.
    std::string_view errorCode() const;
    friend bool operator==(const RedisReply &, const RedisReply &) = default;
};

} // namespace mws
