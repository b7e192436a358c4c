#include "redis/redis_link.h"

#include "mws/base/thread_check.h"
#include "redis/redis_backoff.h"
#include "redis/redis_greeting.h"
#include "redis/redis_link_log.h"
#include "redis/redis_pipeline.h"
#include "redis/redis_reader.h"
#include "redis/redis_socket.h"

#include <QTimer>
#include <algorithm>
#include <atomic>

namespace mws {

using namespace std::chrono_literals;

namespace {

/// What may be with the socket, and on its way to the server and back. Behind it commands wait that are
/// surely not sent; without a bound a server that dies would leave megabytes of commands of which nobody
/// knows the end.
constexpr qint64 socketWindow = 256 * 1024;
constexpr size_t window = 1024 * 1024;
constexpr size_t oneWrite = 64 * 1024;

std::atomic<uint64_t> lastConnection{0};

} // namespace

class RedisLink::Private
{
public:
    Private(RedisLink &link, RedisSettings settings, RedisSurroundings surroundings, Replicas replicas)
        : q(link),
          m_settings(std::move(settings)),
          m_surroundings(std::move(surroundings)),
          m_needPrimary(replicas == Replicas::Refused),
          m_backoff(m_surroundings.random),
          m_pipeline({m_settings.queueCommands, m_settings.queueBytes, m_settings.replyTimeout})
    {
        m_timer.setSingleShot(true);
        m_timer.setTimerType(Qt::PreciseTimer);
        QObject::connect(&m_timer, &QTimer::timeout, &q, [this] { onTimer(); });
    }

    void attempt();
    void close();
    void command(const std::vector<std::string> *before, const RedisCall &call, RedisHandler handler);

    RedisLink &q;
    RedisSettings m_settings;
    RedisSurroundings m_surroundings;
    bool m_needPrimary;
    RedisState m_state = RedisState::Connecting;
    StateListener m_listener;
    RedisBackoff m_backoff;
    RedisPipeline m_pipeline;
    size_t m_node = 0; ///< of the settings' nodes
    int64_t m_clientId = 0;
    uint64_t m_connection = 0;
    ThreadCheck m_thread;

private:
    enum class Phase { Idle, Connecting, Greeting, Up, Retiring, Waiting, Closed };

    SteadyTime now() const { return m_surroundings.clock.now(); }
    void greet();
    void greeted(RedisGreeting::Step step, const RedisAnswer &answer);
    void up();
    void retire(const std::string &why);
    void lost(const std::string &why);
    void readRest(const std::string &why)
    {
        read(); // what came before the end counts
        lost(why);
    }
    void read();
    void readReplies(std::string_view bytes);
    void reply(RedisReply reply);
    void flush();
    void flushLater();
    void refuse(RedisHandler handler, std::string why);
    void deliver(RedisPipeline::Endings endings);
    void onTimer();
    void schedule();
    std::optional<SteadyTime> nextDue() const;

    Phase m_phase = Phase::Idle;
    RedisLinkLog m_log;
    RedisSocketPointer m_socket;
    std::unique_ptr<RedisReader> m_reader;
    RedisPipeline::Endings m_refused; ///< to be told from the event loop
    bool m_flushPosted = false;
    SteadyTime m_received{};
    SteadyTime m_due{}; ///< of the present phase: the end of the attempt, or of the wait
    std::string m_why;  ///< of the retirement
    QTimer m_timer;
    SteadyTime m_timerDue{};
};

void RedisLink::Private::attempt()
{
    m_phase = Phase::Connecting;
    m_due = now() + m_settings.connectTimeout;
    m_reader = std::make_unique<RedisReader>(RedisReader::Limits{.bytes = m_settings.replyBytes});
    auto socket = connectRedisSocket(m_settings, q.node(),
                                     {.ready = [this] { greet(); },
                                      .bytes = [this] { read(); },
                                      .taken = [this] { flush(); },
                                      .lost = [this](const std::string &why) { readRest(why); }});
    if (socket)
        m_socket = std::move(*socket);
    else
        QMetaObject::invokeMethod(
            &q, [this, why = socket.error().detail] { lost(why); }, Qt::QueuedConnection);
    schedule();
}

void RedisLink::Private::greet()
{
    m_phase = Phase::Greeting;
    m_received = now();
    for (RedisGreeting::Command &command : RedisGreeting::commands(m_settings, m_needPrimary)) {
        RedisHandler handler = [this, step = command.step](const RedisAnswer &answer) {
            greeted(step, answer);
        };
        m_pipeline.add({.args = std::move(command.args), .deadline = 2 * m_settings.connectTimeout}, handler,
                       now());
    }
    flush();
    schedule();
}

void RedisLink::Private::greeted(RedisGreeting::Step step, const RedisAnswer &answer)
{
    if (!answer.answered() || m_phase != Phase::Greeting)
        return; // lost() has said why
    if (const auto problem = RedisGreeting::problem(step, answer.reply))
        return lost(*problem);
    if (step == RedisGreeting::Step::Id)
        m_clientId = answer.reply.number().value_or(0);
    if (step == RedisGreeting::Step::Ping)
        up();
}

void RedisLink::Private::up()
{
    m_phase = Phase::Up;
    m_connection = ++lastConnection;
    m_backoff.reset();
    m_log.up(q.node(), now(), q.m_quiet ? LogLevel::Debug : LogLevel::Info);
    schedule();
    m_state = RedisState::Up;
    if (m_listener)
        m_listener(m_state);
}

/// Sends no more commands, waits for the answers that are still due, and then ends the connection.
void RedisLink::Private::retire(const std::string &why)
{
    m_phase = Phase::Retiring;
    m_why = why;
    m_clientId = 0;
    m_state = RedisState::Down;
}

void RedisLink::Private::lost(const std::string &why)
{
    if (m_phase == Phase::Waiting || m_phase == Phase::Closed || m_phase == Phase::Idle)
        return;
    m_log.failed(q.node(), why, now(), q.m_quiet ? LogLevel::Debug : LogLevel::Warning);
    m_phase = Phase::Waiting;
    m_due = now() + m_backoff.next();
    m_socket.reset();
    m_clientId = 0;
    m_node = (m_node + 1) % m_settings.nodes.size();
    const bool told = std::exchange(m_state, RedisState::Down) == RedisState::Down;
    schedule();
    deliver(m_pipeline.end("redis: " + why));
    if (!told && m_listener)
        m_listener(RedisState::Down);
}

void RedisLink::Private::close()
{
    m_phase = Phase::Closed;
    m_state = RedisState::Down;
    m_socket.reset();
    m_timer.stop();
    m_clientId = 0;
    deliver(m_pipeline.end("the link to redis was closed"));
    deliver(std::exchange(m_refused, {}));
}

void RedisLink::Private::command(const std::vector<std::string> *before, const RedisCall &call,
                                 RedisHandler handler)
{
    m_thread.check();
    if (m_phase != Phase::Up)
        return refuse(std::move(handler), "redis is not reachable");
    if (before) {
        RedisHandler nobody;
        if (std::string why = m_pipeline.add({.args = *before}, nobody, now()); !why.empty())
            return refuse(std::move(handler), std::move(why));
    }
    if (std::string why = m_pipeline.add(call, handler, now()); !why.empty())
        return refuse(std::move(handler), std::move(why));
    flushLater();
    if (!m_timer.isActive() || *m_pipeline.nextDeadline() < m_timerDue)
        schedule();
}

void RedisLink::Private::refuse(RedisHandler handler, std::string why)
{
    m_refused.emplace_back(std::move(handler), RedisAnswer::notSent(std::move(why)));
    flushLater();
}

/// Once for all commands of a turn.
void RedisLink::Private::flushLater()
{
    if (std::exchange(m_flushPosted, true))
        return;
    QMetaObject::invokeMethod(
        &q,
        [this] {
            m_flushPosted = false;
            flush();
            deliver(std::exchange(m_refused, {}));
        },
        Qt::QueuedConnection);
}

void RedisLink::Private::flush()
{
    if ((m_phase != Phase::Greeting && m_phase != Phase::Up) || !m_socket || !m_pipeline.hasUnsent())
        return;
    while (m_socket && m_pipeline.hasUnsent() && m_pipeline.sentBytes() < window &&
           waitingBytes(*m_socket) < socketWindow) {
        const std::string bytes = m_pipeline.take(oneWrite, now());
        m_socket->write(bytes.data(), qint64(bytes.size()));
        m_socket->flush(); // and perhaps it is lost over this
    }
    schedule();
}

void RedisLink::Private::read()
{
    char piece[RedisReader::piece];
    while (m_socket && m_reader) {
        const qint64 got = m_socket->read(piece, sizeof piece);
        if (got <= 0)
            break;
        m_received = now();
        readReplies({piece, size_t(got)});
    }
    flush();
    schedule(); // after the last answer the PING is due first
}

void RedisLink::Private::readReplies(std::string_view bytes)
{
    const RedisReader *reader = m_reader.get();
    m_reader->feed(bytes);
    while (auto next = m_reader->next()) {
        reply(std::move(*next));
        if (!m_socket || m_reader.get() != reader)
            return; // lost or closed by a handler
    }
    if (m_reader->failed())
        lost("it sent what is no answer: " + m_reader->problem());
}

void RedisLink::Private::reply(RedisReply reply)
{
    const auto handler = m_pipeline.answered(now());
    if (!handler)
        return lost(RedisGreeting::problem(RedisGreeting::Step::Name, reply)
                        .value_or("it sent an answer to nothing"));
    const auto why = m_phase == Phase::Up ? RedisGreeting::problemLater(reply, m_needPrimary) : std::nullopt;
    if (why)
        retire(*why);
    if (*handler) {
        RedisAnswer answer = RedisAnswer::of(std::move(reply));
        answer.connection = m_connection;
        (*handler)(std::move(answer));
    }
    if (why && m_listener)
        m_listener(m_state);
    if (m_phase == Phase::Retiring && m_pipeline.sent() == 0)
        lost(m_why);
}

void RedisLink::Private::deliver(RedisPipeline::Endings endings)
{
    for (auto &[handler, answer] : endings)
        if (handler)
            handler(std::move(answer));
}

void RedisLink::Private::onTimer()
{
    const SteadyTime time = now();
    if (m_phase == Phase::Waiting && m_due <= time)
        return attempt();
    if ((m_phase == Phase::Connecting || m_phase == Phase::Greeting) && m_due <= time)
        return lost("it did not answer in time");
    if ((m_phase == Phase::Up || m_phase == Phase::Retiring) && m_pipeline.isOverdue(m_received, time)) {
        read(); // it may be us who were held up
        if (m_pipeline.isOverdue(m_received, time))
            return lost("it stopped answering");
    }
    deliver(m_pipeline.expire(time));
    if (m_phase == Phase::Up && m_pipeline.size() == 0 && m_received + m_settings.pingInterval <= time) {
        RedisHandler nobody;
        m_pipeline.add({.args = {"PING"}}, nobody, time);
        flush();
    }
    schedule();
}

std::optional<SteadyTime> RedisLink::Private::nextDue() const
{
    if (m_phase == Phase::Idle || m_phase == Phase::Closed)
        return {};
    if (m_phase != Phase::Up && m_phase != Phase::Retiring)
        return m_due;
    std::optional<SteadyTime> due = m_pipeline.overdueAt(m_received);
    if (const auto deadline = m_pipeline.nextDeadline())
        due = due ? std::min(*due, *deadline) : *deadline;
    return due ? due : m_received + m_settings.pingInterval;
}

/// Only ever makes the timer earlier: one that fires too early costs less than to set it with each answer.
void RedisLink::Private::schedule()
{
    const auto due = nextDue();
    if (!due || (m_timer.isActive() && m_timerDue <= *due))
        return;
    m_timerDue = *due;
    m_timer.start(std::max(std::chrono::ceil<std::chrono::milliseconds>(*due - now()), 0ms));
}

RedisLink::RedisLink(RedisSettings settings, RedisSurroundings surroundings, Replicas replicas,
                     QObject *parent)
    : QObject(parent),
      d(std::make_unique<Private>(*this, std::move(settings), std::move(surroundings), replicas))
{}

RedisLink::~RedisLink() = default;

void RedisLink::setStateListener(StateListener listener)
{
    d->m_listener = std::move(listener);
}

void RedisLink::start()
{
    d->attempt();
}

void RedisLink::close()
{
    d->close();
}

void RedisLink::command(const RedisCall &call, RedisHandler handler)
{
    d->command(nullptr, call, std::move(handler));
}

void RedisLink::commandAfter(std::vector<std::string> before, const RedisCall &call, RedisHandler handler)
{
    d->command(&before, call, std::move(handler));
}

RedisState RedisLink::state() const
{
    return d->m_state;
}

size_t RedisLink::unanswered() const
{
    return d->m_pipeline.size();
}

int64_t RedisLink::clientId() const
{
    return d->m_clientId;
}

uint64_t RedisLink::connection() const
{
    return d->m_connection;
}

const RedisNode &RedisLink::node() const
{
    return d->m_settings.nodes[d->m_node];
}

} // namespace mws
