#include "redis/redis_reader.h"

#include <hiredis/hiredis.h>
#include <type_traits>

namespace mws {

/// Makes RedisReply objects where hiredis would make its own, which it does before anything can be limited.
class RedisReader::Builder
{
public:
    explicit Builder(const Limits &limits) : m_limits(limits) {}

    void begin() { m_bytes = m_elements = 0; }
    const char *problem() const { return m_problem; }

    static redisReplyObjectFunctions *functions()
    {
        static redisReplyObjectFunctions table = makeTable();
        return &table;
    }

private:
    // Of hiredis 0.14 and 1.x, which differ in the count's type and know more kinds of replies.
    template <typename Table = redisReplyObjectFunctions>
    static Table makeTable()
    {
        Table table{};
        table.createString = createString;
        table.createArray = [](const redisReadTask *task, auto count) {
            return createArray(task, int64_t(count));
        };
        table.createInteger = createInteger;
        table.createNil = createNil;
        table.freeObject = [](void *root) { delete static_cast<RedisReply *>(root); };
        if constexpr (requires { table.createDouble; })
            table.createDouble = [](const redisReadTask *task, double, char *, size_t) {
                return unknown(task);
            };
        if constexpr (requires { table.createBool; })
            table.createBool = [](const redisReadTask *task, int) { return unknown(task); };
        return table;
    }

    static Builder &of(const redisReadTask *task) { return *static_cast<Builder *>(task->privdata); }

    static void *unknown(const redisReadTask *task)
    {
        return of(task).refuse("a kind of reply that was not asked for");
    }

    void *refuse(const char *problem)
    {
        m_problem = problem;
        return nullptr; // hiredis takes it for a lack of memory, and stops
    }

    /// Where the reply of `task` goes: a root of its own, or behind its elder siblings. These are complete,
    /// so that nobody points at them any more when they move.
    static RedisReply *place(const redisReadTask *task, RedisReply reply)
    {
        if (!task->parent)
            return new RedisReply(std::move(reply));
        auto *parent = static_cast<RedisReply *>(task->parent->obj);
        return &parent->elements.emplace_back(std::move(reply));
    }

    static void *createString(const redisReadTask *task, char *text, size_t length)
    {
        Builder &self = of(task);
        self.m_bytes += length;
        if (self.m_bytes > self.m_limits.bytes)
            return self.refuse("a reply is too long");
        if (task->type != REDIS_REPLY_STRING && length > self.m_limits.lineBytes)
            return self.refuse("a line is too long");
        switch (task->type) {
        case REDIS_REPLY_STRING:
            return place(task, RedisReply::ofText(RedisReply::Kind::String, {text, length}));
        case REDIS_REPLY_STATUS:
            return place(task, RedisReply::ofText(RedisReply::Kind::Status, {text, length}));
        case REDIS_REPLY_ERROR:
            return place(task, RedisReply::ofText(RedisReply::Kind::Error, {text, length}));
        default:
            return unknown(task);
        }
    }

    static void *createArray(const redisReadTask *task, int64_t count)
    {
        Builder &self = of(task);
        if (task->type != REDIS_REPLY_ARRAY)
            return unknown(task);
        if (count < 0 || uint64_t(count) > self.m_limits.elements - self.m_elements)
            return self.refuse("a reply has too many elements");
        self.m_elements += size_t(count);
        int depth = 1;
        for (const redisReadTask *parent = task->parent; parent; parent = parent->parent)
            ++depth;
        if (depth > deepest)
            return self.refuse("a reply is nested too deeply");
        return place(task, RedisReply::ofArray({})); // grows with what comes, not with what is announced
    }

    static void *createInteger(const redisReadTask *task, long long value)
    {
        return task->type == REDIS_REPLY_INTEGER ? place(task, RedisReply::ofInteger(value)) : unknown(task);
    }

    static void *createNil(const redisReadTask *task) { return place(task, RedisReply{}); }

    const Limits &m_limits;
    size_t m_bytes = 0;
    size_t m_elements = 0;
    const char *m_problem = nullptr;
};

RedisReader::RedisReader(Limits limits)
    : m_limits(limits),
      m_builder(std::make_unique<Builder>(m_limits)),
      m_reader(redisReaderCreateWithFunctions(Builder::functions()))
{
    m_reader->privdata = m_builder.get();
}

RedisReader::~RedisReader()
{
    redisReaderFree(m_reader);
}

void RedisReader::fail(std::string problem)
{
    if (m_problem.empty())
        m_problem = std::move(problem);
}

void RedisReader::feed(std::string_view bytes)
{
    if (failed())
        return;
    if (redisReaderFeed(m_reader, bytes.data(), bytes.size()) != REDIS_OK)
        fail("no memory for a reply");
}

std::optional<RedisReply> RedisReader::next()
{
    if (failed())
        return std::nullopt;
    void *object = nullptr;
    if (redisReaderGetReply(m_reader, &object) != REDIS_OK) {
        fail(m_builder->problem() ? m_builder->problem() : "not the Redis protocol");
        return std::nullopt;
    }
    if (!object) {
        checkUnread();
        return std::nullopt;
    }
    const std::unique_ptr<RedisReply> reply(static_cast<RedisReply *>(object));
    m_builder->begin();
    return std::move(*reply);
}

/// A line that does not end would be kept, and searched again with each piece that comes. Of a text that is
/// coming, the line with its length is still there.
void RedisReader::checkUnread()
{
    constexpr size_t lengthLine = 32;
    constexpr size_t around =
        64; // a text's length and line ends; whether the text is too long is the builder's to say
    const std::string_view unread(m_reader->buf + m_reader->pos, m_reader->len - m_reader->pos);
    if (unread.size() > m_limits.bytes + around)
        fail("a reply is too long");
    else if (unread.size() > m_limits.lineBytes + around &&
             unread.substr(0, lengthLine).find("\r\n") == std::string_view::npos)
        fail("a line is too long");
}

std::string formatRedisCommand(const std::vector<std::string> &args)
{
    std::vector<const char *> texts;
    std::vector<size_t> lengths;
    for (const std::string &arg : args) {
        texts.push_back(arg.data());
        lengths.push_back(arg.size());
    }
    char *formatted = nullptr;
    const long long length =
        redisFormatCommandArgv(&formatted, int(args.size()), texts.data(), lengths.data());
    if (length < 0)
        return {};
    std::string bytes(formatted, size_t(length));
    std::free(formatted);
    return bytes;
}

} // namespace mws
