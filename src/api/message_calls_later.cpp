#include "api/message_calls.h"

#include <memory>
#include <utility>
#include <vector>

// The calls that send, for who waits for the answer: at once, or on a node of a cluster when the broker has
// answered.

namespace mws {

void MessageCalls::sendLater(const Gateway &gateway, const Source &source, std::string_view body,
                             Sending done)
{
    if (!m_services.hub.isClustered())
        return done(send(gateway, source, body));
    auto parsed = m_parser.parse(body, gateway.settings.limits);
    if (!parsed)
        return done(Unexpected(parsed.error()));
    parsed->message.requestId = source.requestId;
    m_services.hub.publishToCluster(
        gateway, std::move(parsed->message), body,
        [done = std::move(done), answer = std::move(parsed->answer)](const Result<PublishOutcome> &outcome) {
            if (outcome)
                done(Sent{answer, *outcome});
            else
                done(Unexpected(outcome.error()));
        });
}

void MessageCalls::sendOneLater(const Gateway &gateway, const Source &source, std::string_view body,
                                Answer wanted, Respond respond)
{
    if (const auto may = m_guard.messages(gateway, source.client, 1); !may)
        return respond(errorAnswer(may.error()));
    sendLater(gateway, source, body, [wanted, respond = std::move(respond)](Result<Sent> sent) {
        respond(answerOf(std::move(sent), wanted));
    });
}

/// All of them are under way together, in order; the answer goes out when the last one is known.
void MessageCalls::sendBatchLater(const Gateway &gateway, const Source &source, std::string_view body,
                                  Respond respond)
{
    const auto parts = m_parser.splitBatch(body, gateway.settings.limits);
    if (!parts)
        return respond(errorAnswer(parts.error()));
    if (const auto may = m_guard.messages(gateway, source.client, parts->size()); !may)
        return respond(errorAnswer(may.error()));
    struct Batch
    {
        std::vector<std::optional<Result<Sent>>> sent;
        size_t missing = 0;
        Respond respond;
    };
    const auto batch = std::make_shared<Batch>();
    batch->sent.resize(parts->size());
    batch->missing = parts->size() + 1; // one for this function, so that the answer comes after all were sent
    batch->respond = std::move(respond);
    const auto oneLess = [batch] {
        if (--batch->missing > 0)
            return;
        BatchResults results;
        for (const auto &sent : batch->sent)
            results.add(*sent);
        batch->respond(results.answer());
    };
    for (size_t i = 0; i < parts->size(); ++i)
        sendLater(gateway, source, (*parts)[i], [batch, oneLess, i](Result<Sent> sent) {
            batch->sent[i] = std::move(sent);
            oneLess();
        });
    oneLess();
}

} // namespace mws
