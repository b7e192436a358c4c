#pragma once

#include "api/access.h"
#include "api/message_parser.h"
#include "api/rate_guard.h"
#include "hub/client_publisher.h"
#include "webhook/enginio_receiver.h"

namespace mws {

/// The calls that send messages (CONTRACT.md "REST").
/// Thread: the worker's.
class MessageCalls final : public ClientPublisher
{
public:
    MessageCalls(const ApiServices &services, const Access &access);

    void post(const ApiRequest &request, Respond respond);        ///< POST messages
    void postBatch(const ApiRequest &request, Respond respond);   ///< POST messages:batch
    void postEnginio(const ApiRequest &request, Respond respond); ///< POST webhook_receivers/enginio

    // The same where nobody else need be asked; else nothing, and nothing was done.
    std::optional<ApiAnswer> postAtOnce(const ApiRequest &request);
    std::optional<ApiAnswer> postBatchAtOnce(const ApiRequest &request);
    std::optional<ApiAnswer> postEnginioAtOnce(const ApiRequest &request);

    /// What a client sent under the policy `publish`, as if it had posted it.
    void publish(const Gateway &gateway, const ClientSender &sender, PayloadType type,
                 std::string_view payload, std::function<void(std::string)> tell) override;

    /// Of bodies from now on.
    void setJsonDepth(size_t depth);

private:
    enum class Answer { Representation, Minimal };

    /// Who sends, as limits and the log know it.
    struct Source
    {
        IpAddress client;
        std::string requestId = {}; ///< empty unless deliveries are logged
    };

    static Answer wantedAnswer(const ApiRequest &request);
    Source sourceOf(const ApiRequest &request) const;
    template <typename Send>
    std::optional<ApiAnswer> whenPermittedAtOnce(const ApiRequest &request, Send send);

    /// Parses and publishes one message; `body` is what an idempotency id stands for.
    struct Sent
    {
        std::string answer;
        PublishOutcome outcome;
    };
    /// `{"results": […]}` of a batch, one after the other.
    class BatchResults
    {
    public:
        void add(const Result<Sent> &sent);
        ApiAnswer answer();

    private:
        std::string m_json = "{\"results\":[";
        PublishOutcome m_total;
    };
    Result<Sent> send(const Gateway &gateway, const Source &source, std::string_view body);
    struct EnginioCall
    {
        Access::GatewayPointer gateway;
        std::string body; ///< as that of POST messages
    };
    Result<EnginioCall> enginioCall(const ApiRequest &request);

    // message_calls_later.cpp: the same, also through the broker, which answers later
    using Sending = std::function<void(Result<Sent>)>;
    void sendLater(const Gateway &gateway, const Source &source, std::string_view body, Sending done);
    void sendOneLater(const Gateway &gateway, const Source &source, std::string_view body, Answer wanted,
                      Respond respond);
    void sendBatchLater(const Gateway &gateway, const Source &source, std::string_view body, Respond respond);
    static ApiAnswer answerOf(Result<Sent> &&sent, Answer wanted);

    Result<PublishOutcome> publishOnce(const Gateway &gateway, Message &&message, std::string_view body);
    ApiAnswer sendOne(const Gateway &gateway, const Source &source, std::string_view body, Answer wanted);
    ApiAnswer sendBatch(const Gateway &gateway, const Source &source, std::string_view body);

    const ApiServices &m_services;
    const Access &m_access;
    RateGuard m_guard;
    MessageParser m_parser;
    EnginioReceiver m_enginio;
};

} // namespace mws
