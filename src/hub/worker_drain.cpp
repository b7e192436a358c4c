#include "hub/drain_pace.h"
#include "hub/worker.h"

#include <utility>

namespace mws {

void Worker::drain(std::chrono::milliseconds spread)
{
    m_thread.check();
    m_draining = true;
    m_closingEnd = m_server->now() + spread;
    m_server->drain();
    for (const auto &[session, question] : std::unordered_map(m_asked))
        decided(session, question.number, Unexpected(ErrorCode::Unavailable, "The server is going away"));
    closeSome();
}

/// A step of the drain. A socket leaves the directory first, so that no other worker counts on it any more;
/// its Close follows what the others had already sent here by then. So a message that counted a socket as
/// matched comes before that socket's Close.
void Worker::closeSome()
{
    after(drainStep, [this] { closeSome(); });
    std::vector<Departure> batch = leaveDirectory();
    if (batch.empty())
        return;
    afterLetters([this, batch = std::move(batch)] { sayGoodbye(batch); });
}

std::vector<Worker::Departure> Worker::leaveDirectory()
{
    std::vector<SocketSession *> open;
    for (const auto &[serial, local] : m_gateways)
        for (RoutedSocket *socket : local->index.all())
            if (auto *session = static_cast<SocketSession *>(socket); !session->leaving)
                open.push_back(session);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(m_closingEnd - m_server->now());
    open.resize(drainBatch(open.size(), left));
    std::vector<Departure> batch;
    batch.reserve(open.size());
    for (SocketSession *session : open) {
        const uint32_t serial = session->gateway->settings->serial;
        session->leaving = true;
        m_node.directory.remove(serial, m_index, session->id, session->tags);
        batch.push_back({serial, session->id});
    }
    return batch;
}

void Worker::sayGoodbye(const std::vector<Departure> &batch)
{
    for (const auto &[serial, id] : batch)
        if (SocketSession *session = findSession(serial, id); session && session->leaving)
            session->channel->closeSession(CloseCode::GoingAway, "the server is going away");
}

} // namespace mws
