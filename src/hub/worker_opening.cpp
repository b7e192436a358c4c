#include "hub/worker.h"

#include <utility>

// Sockets that somebody else must be asked about before they open.

namespace mws {

/// One more answer that `session` waits for; they share a number.
uint64_t Worker::newQuestion(SocketSession &session)
{
    Question &question = m_asked[&session];
    if (question.missing++ == 0)
        question.number = ++m_lastQuestion;
    return question.number;
}

/// One answer has come. `asked` may be gone, or another one in its place, which the question tells.
void Worker::decided(SocketSession *asked, uint64_t question, const Result<void> &answer)
{
    const auto found = m_asked.find(asked);
    if (found == m_asked.end() || found->second.number != question)
        return;
    Channel &channel = *asked->channel;
    if (!answer) {
        channel.decide(answer); // comes to abandoned()
        return;
    }
    if (--found->second.missing > 0)
        return;
    m_asked.erase(found);
    channel.decide({});
}

/// No socket opens before this node holds its place in the gateway's messages, and has its token for itself.
void Worker::askBroker(SocketSession &session)
{
    const GatewayId &gateway = session.gateway->settings->id;
    const uint64_t question = newQuestion(session);
    const auto answered = [this, key = &session, question](const Result<void> &answer) {
        decided(key, question, answer);
    };
    session.joined = true;
    m_node.broker->join(gateway, mailbox(), answered);
    if (!session.held || session.held->reuse) // a URI that opens again is kept to one socket on each node
        return;
    newQuestion(session);
    m_node.broker->claim(gateway, session.held->tokenId, session.held->expiresAt, mailbox(), answered);
}

} // namespace mws
