#pragma once

#include "streams.h"
#include "support/gateway_api.h"

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <random>
#include <thread>

namespace mws::test {

/// Takes a step again and again on a thread of its own, with a pause after each, until it goes.
class Actor
{
public:
    Actor(std::function<void()> step, std::chrono::milliseconds pause);
    ~Actor();

private:
    std::atomic<bool> m_stopped{false};
    std::thread m_thread;
};

/// Posts to the steady sockets in every way there is. Thread: its actor's.
class Publishing
{
public:
    /// Adds its streams: by id, by tag, to all, in batches, and by the Enginio hook.
    Publishing(GatewayApi backend, std::vector<std::string> ids, size_t groups, Streams &streams);
    void step();
    std::atomic<uint64_t> posted{0};

private:
    void post(const std::string &path, const std::string &body, int status);
    std::string message(size_t stream, const std::string &receivers);

    GatewayApi m_backend;
    std::vector<std::string> m_ids;
    size_t m_groups;
    Streams &m_streams;
    std::vector<size_t> m_byId;
    std::vector<size_t> m_byTag;
    std::vector<size_t> m_byUser;
    size_t m_all;
    size_t m_turn = 0;
};

/// Sockets that come and go in every way, tokens that are spent twice or never. Thread: its actor's.
class ComingAndGoing
{
public:
    explicit ComingAndGoing(GatewayApi backend) : m_backend(std::move(backend)) {}
    void step();
    std::atomic<uint64_t> opened{0};

private:
    void spendTwice();

    GatewayApi m_backend;
    std::deque<OpenSocket> m_live;
    size_t m_turn = 0;
};

/// Sockets with more coming than they read: some read a little now and then, some nothing. Thread: its
/// actor's.
class SlowReaders
{
public:
    SlowReaders(GatewayApi backend, GatewayApi narrow)
        : m_backend(std::move(backend)), m_narrow(std::move(narrow))
    {}
    void step();
    std::atomic<uint64_t> replaced{0};

private:
    GatewayApi m_backend;
    GatewayApi m_narrow; ///< its connections have small buffers
    std::vector<OpenSocket> m_sockets;
    size_t m_turn = 0;
};

/// Bytes that are no request, requests and frames that are refused, and those that stop in the middle.
/// Thread: its actor's.
class Hostility
{
public:
    explicit Hostility(GatewayApi backend) : m_backend(std::move(backend)) {}
    void step();
    std::atomic<uint64_t> attempts{0};

private:
    void sendGarbage();
    void sendBadFrame();
    void stopInTheMiddle();
    std::string messagePostText(const std::string &body) const;

    GatewayApi m_backend;
    std::deque<RawConnection> m_halves;
    std::mt19937 m_random{20261124};
};

/// https and wss that come and go at a gateway with TLS. Thread: its actor's.
class TlsTraffic
{
public:
    explicit TlsTraffic(GatewayApi backend) : m_backend(std::move(backend)) {}
    void step();
    std::atomic<uint64_t> opened{0};

private:
    GatewayApi m_backend;
    std::deque<OpenSocket> m_live;
};

/// Configuration, gateways, tokens and revocations that change; sockets of a gateway that echoes.
/// Thread: its actor's.
class Administration
{
public:
    Administration(GatewayApi backend, GatewayApi administrator)
        : m_backend(std::move(backend)), m_operator(std::move(administrator))
    {}
    void step();
    std::atomic<uint64_t> changes{0};

private:
    void echo();

    GatewayApi m_backend;
    GatewayApi m_operator;
    size_t m_turn = 0;
};

} // namespace mws::test
