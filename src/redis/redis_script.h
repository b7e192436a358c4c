#pragma once

#include <memory>
#include <string>

namespace mws {

/// A Lua script and its digest. RedisClient sends the source (EVAL) the first time on each connection, then
/// the digest (EVALSHA); where the server has forgotten it (SCRIPT FLUSH) the source goes out again, in the
/// order of the calls (unless another connection made it known again at that very moment: then some scripts
/// of that moment may be done in another order). Thread: any.
class RedisScript
{
public:
    /// Cost: one SHA-1 of `source`.
    explicit RedisScript(std::string source);

    const std::string &source() const { return m_text->source; }
    const std::string &digest() const { return m_text->digest; } ///< 40 hexadecimal digits

private:
    struct Text
    {
        std::string source;
        std::string digest;
    };
    std::shared_ptr<const Text> m_text; ///< so that a copy costs nothing
};

} // namespace mws
