#pragma once

#include "api/api.h"
#include "support/fake_clock.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace mws::test {

/// Remembers what it was asked; answers from what the test put in.
class FakeHub final : public Hub
{
public:
    PublishOutcome publish(const Gateway &gateway, Message &&message) override
    {
        published.emplace_back(gateway.id, std::move(message));
        return outcome;
    }
    bool isClustered() const override { return clustered; }
    void publishToCluster(const Gateway &gateway, Message &&message, std::string_view body,
                          std::function<void(Result<PublishOutcome>)> answer) override
    {
        published.emplace_back(gateway.id, std::move(message));
        bodies.emplace_back(body);
        waiting.push_back(std::move(answer));
    }
    void list(const std::shared_ptr<const Gateway> &, const std::optional<Tag> &tag, size_t limit,
              const std::string &cursor, std::function<void(Result<SocketPage>)> answer) override
    {
        listed = {tag.value_or("-"), limit, cursor};
        answer(page);
    }
    void find(const std::shared_ptr<const Gateway> &, const SocketId &id,
              std::function<void(Result<SocketInfo>)> answer) override
    {
        if (!socket || socket->id != id)
            return answer(Unexpected(ErrorCode::NotFound));
        answer(*socket);
    }
    void changeTags(const std::shared_ptr<const Gateway> &, const SocketId &id, std::vector<Tag> add,
                    std::vector<Tag> remove, std::function<void(Result<SocketInfo>)> answer) override
    {
        if (!socket || socket->id != id)
            return answer(Unexpected(ErrorCode::NotFound));
        added = std::move(add);
        removed = std::move(remove);
        answer(*socket);
    }
    void close(const std::shared_ptr<const Gateway> &, const SocketId &id, CloseCode code,
               const std::string &reason, std::function<void(Result<bool>)> answer) override
    {
        closed = {code, reason};
        answer(socket && socket->id == id);
    }
    void close(const std::shared_ptr<const Gateway> &, const SocketFilter &filter, CloseCode code,
               const std::string &reason, std::function<void(Result<size_t>)> answer) override
    {
        closed = {code, reason};
        closedFilter = filter;
        answer(size_t(3));
    }
    void closeGateway(const std::shared_ptr<const Gateway> &, CloseCode code, const std::string &reason,
                      std::function<void()> answer) override
    {
        closed = {code, reason};
        answer();
    }
    size_t count(const Gateway &) const override { return 7; }
    void reserve(const std::shared_ptr<const Gateway> &gateway, const Reservation &reservation,
                 std::function<void(Result<void>)> answer) override
    {
        later([=, this] {
            if (tokensError)
                return answer(Unexpected(*tokensError));
            answer(reservations->add(*gateway, reservation));
        });
    }
    void revoke(const std::shared_ptr<const Gateway> &gateway, const SocketId &id,
                std::function<void(Result<bool>)> answer) override
    {
        later([=, this] {
            if (tokensError)
                return answer(Unexpected(*tokensError));
            answer(reservations->revoke(*gateway, id));
        });
    }
    void revoke(const std::shared_ptr<const Gateway> &gateway, const SocketFilter &filter,
                std::function<void(Result<size_t>)> answer) override
    {
        later([=, this] {
            if (tokensError)
                return answer(Unexpected(*tokensError));
            answer(reservations->revoke(*gateway, {filter.tag, filter.user, filter.issuedBefore}));
        });
    }
    /// As a cluster, which answers later: when the test says so; without one at once.
    void later(std::function<void()> task) { clustered ? tasks.push_back(std::move(task)) : task(); }

    struct Listed
    {
        std::string tag;
        size_t limit = 0;
        std::string cursor;
    };
    PublishOutcome outcome{2, 1};
    std::vector<std::pair<GatewayId, Message>> published;
    bool clustered = false;
    std::vector<std::string> bodies; ///< of what was published to the cluster
    std::vector<std::function<void(Result<PublishOutcome>)>> waiting;
    SocketPage page;
    std::optional<SocketInfo> socket;
    Listed listed;
    std::vector<Tag> added;
    std::vector<Tag> removed;
    std::pair<CloseCode, std::string> closed;
    SocketFilter closedFilter;
    ReservationTable *reservations = nullptr;
    std::optional<Error> tokensError;         ///< of reserve() and revoke()
    std::vector<std::function<void()>> tasks; ///< see later()
};

class FakeAdmin final : public GatewayAdmin
{
public:
    using GatewayPointer = std::shared_ptr<const Gateway>;

    std::shared_ptr<const GatewayTable> table() const override
    {
        return std::make_shared<const GatewayTable>(gateways);
    }
    std::string configurationJson(const Gateway &gateway) const override
    {
        return "{\"name\":\"" + gateway.settings.name + "\"}";
    }
    void configure(const GatewayId &id, std::string json,
                   std::function<void(Result<GatewayPointer>)> answer) override
    {
        body = std::move(json);
        error ? answer(Unexpected(*error)) : answer(gateways.find(id));
    }
    void create(std::string json, std::function<void(Result<Created>)> answer) override
    {
        body = std::move(json);
        error ? answer(Unexpected(*error)) : answer(Created{gateways.find("other"), "new-secret"});
    }
    void remove(const GatewayId &id, std::function<void(Result<GatewayPointer>)> answer) override
    {
        error ? answer(Unexpected(*error)) : answer(gateways.find(id));
    }
    void rotateSecurityToken(const GatewayId &, std::function<void(Result<Rotated>)> answer) override
    {
        error ? answer(Unexpected(*error))
              : answer(Rotated{"next-secret", WallTime(std::chrono::seconds(1767225600))});
    }

    GatewayTable gateways;
    std::optional<Error> error;
    std::string body;
};

/// Keeps the answers until the test gives them.
class FakeIdentity final : public IdentityChecker
{
public:
    void check(const std::shared_ptr<const Gateway> &, const std::string &accessToken, Answer answer) override
    {
        tokens.push_back(accessToken);
        waiting.push_back(std::move(answer));
    }
    std::vector<std::string> tokens;
    std::vector<Answer> waiting;
};

/// An API with a gateway `default` (security token `secret`) and another one, `other` (`othersecret`).
class ApiFixture
{
public:
    explicit ApiFixture(ApiConfig config = {}) : ApiFixture(config, AddressLimits{}, "operator") {}
    ApiFixture(ApiConfig config, AddressLimits limits, std::string_view operatorToken)
        : reservations(clock, nullptr),
          idempotency(clock),
          addresses(std::move(limits), clock),
          rates(clock),
          api(ApiServices{hub, admin, reservations, idempotency, identity, clock, addresses, rates, metrics,
                          withOperator(config, operatorToken), [this] { return std::string_view(notReady); },
                          [] { return "mws_up 1\n"; }})
    {
        hub.reservations = &reservations;
        admin.gateways.defaultId = "default";
        setGateway("default", "secret", [](Gateway &) {});
        setGateway("other", "othersecret", [](Gateway &) {});
    }

    template <typename Change>
    void setGateway(const GatewayId &id, std::string_view secret, Change change)
    {
        auto gateway = std::make_shared<Gateway>();
        gateway->id = id;
        gateway->settings.name = "The " + id;
        if (!secret.empty())
            gateway->securityTokens.push_back({SecretDigest(secret), std::nullopt});
        gateway->signingKeys.push_back({std::string(32, 'k'), std::nullopt});
        change(*gateway);
        admin.gateways.gateways[id] = gateway;
    }

    /// The answer; status 0 while there is none.
    struct Answer : ApiAnswer
    {
        std::string header(std::string_view name) const
        {
            for (const auto &[key, value] : headers)
                if (key == name)
                    return value;
            return {};
        }
    };
    using Headers = std::map<std::string, std::string, std::less<>>;

    std::shared_ptr<Answer> start(std::string_view method, std::string_view target, std::string body = {},
                                  Headers headers = {})
    {
        auto answer = std::make_shared<Answer>();
        answer->status = 0;
        headers.try_emplace("host", "push.example.com:8080");
        ApiRequest request;
        request.method = method;
        request.path = target.substr(0, target.find('?'));
        request.query = target.find('?') == target.npos ? "" : target.substr(target.find('?') + 1);
        request.body = body;
        request.peer = IpAddress::parse(remote).value();
        request.header = [&headers](std::string_view name) {
            const auto it = headers.find(name);
            return it == headers.end() ? std::string() : it->second;
        };
        api.handle(request,
                   [answer](ApiAnswer given) { static_cast<ApiAnswer &>(*answer) = std::move(given); });
        std::fill(body.begin(), body.end(), '#'); // nobody may look at it any longer
        return answer;
    }
    Answer ask(std::string_view method, std::string_view target, std::string body = {}, Headers headers = {})
    {
        return *start(method, target, std::move(body), std::move(headers));
    }
    Answer administer(std::string_view method, std::string_view target, std::string body = {})
    {
        return ask(method, target, std::move(body), {{"authorization", "Bearer secret"}});
    }
    Answer operate(std::string_view method, std::string_view target, std::string body = {})
    {
        return ask(method, target, std::move(body), {{"authorization", "Bearer operator"}});
    }

    FakeClock clock;
    FakeHub hub;
    FakeAdmin admin;
    FakeIdentity identity;
    ReservationTable reservations;
    IdempotencyTable idempotency;
    AddressTable addresses;
    GatewayRates rates;
    WorkerMetrics metrics;
    std::string notReady; ///< empty: it is ready
    std::string remote = "192.0.2.1";
    Api api;

private:
    static ApiConfig withOperator(ApiConfig config, std::string_view token)
    {
        if (!token.empty())
            config.operatorToken = SecretDigest(token);
        return config;
    }
};

} // namespace mws::test
