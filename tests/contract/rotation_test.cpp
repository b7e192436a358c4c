#include "support/gateway_test.h"

#include <atomic>
#include <ctime>
#include <thread>

namespace mws::test {

using ::testing::HasSubstr;
using ::testing::Not;

namespace {

/// ISO 8601 in UTC.
std::string timeAhead(std::chrono::seconds ahead)
{
    const std::time_t time = std::time(nullptr) + ahead.count();
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    char text[32];
    (void)std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

} // namespace

class Rotation : public GatewayTest
{
protected:
    /// Calls that need the token, one after the other until told to stop; which answers were not 200.
    class Caller
    {
    public:
        Caller(Endpoint endpoint, std::string bearer)
            : m_thread([this, endpoint, bearer] {
                  GatewayApi api(endpoint, "/v1/gateways/players", bearer);
                  while (!m_stop) {
                      const int status = api.get("/sockets").status;
                      ++m_calls;
                      if (status != 200)
                          m_refused = status;
                  }
              })
        {}
        ~Caller() { m_thread.join(); }
        void stop() { m_stop = true; }
        int calls() const { return m_calls; }
        int refused() const { return m_refused; }

    private:
        std::atomic<bool> m_stop{false};
        std::atomic<int> m_calls{0};
        std::atomic<int> m_refused{0};
        std::thread m_thread;
    };

    static void waitForCalls(const Caller &caller, int more)
    {
        const int wanted = caller.calls() + more;
        const Deadline deadline(std::chrono::seconds(20));
        while (caller.calls() < wanted && deadline.left() > 0)
            std::this_thread::yield();
        EXPECT_GE(caller.calls(), wanted);
    }
};

TEST_F(Rotation, RefusesNobodyWhileBackendsChangeOver)
{
    GatewayApi players = createGateway("players");
    Caller before(gateway.endpoint(), players.bearer());
    std::string token = players.bearer();
    std::vector<std::unique_ptr<Caller>> after;
    for (int round = 0; round < 3; ++round) {
        waitForCalls(before, 50);
        const HttpAnswer answer = administrator.post("/gateways/players/security_token", "");
        EXPECT_EQ(answer.status, 201);
        token = gateway.secret(JsonView(answer.body).string("/securityToken"));
        after.push_back(std::make_unique<Caller>(gateway.endpoint(), token));
        waitForCalls(*after.back(), 50);
    }
    before.stop();
    EXPECT_EQ(before.refused(), 0) << "the oldest token is good for its grace, after " << before.calls()
                                   << " calls";
    for (const auto &caller : after) {
        caller->stop();
        EXPECT_EQ(caller->refused(), 0) << "a new token is good from its answer on";
    }
}

/// Tokens with an end in the configuration.
class ExpiringTokens : public GatewayTest
{
protected:
    ExpiringTokens()
        : GatewayTest(
              guardedGateway({{"MWS_GATEWAY_SECURITY_TOKENS",
                               "long-token-91c2 " + timeAhead(std::chrono::hours(24 * 30)) +
                                   ", week-token-44aa " + timeAhead(std::chrono::hours(24 * 3)) +
                                   ", short-token-7f3a " + timeAhead(std::chrono::seconds(4)) +
                                   ", past-token-0d5e 2020-01-01T00:00:00Z" + ", endless-token-b3b3"}}))
    {
        for (const char *token : {"long-token-91c2", "week-token-44aa", "short-token-7f3a", "past-token-0d5e",
                                  "endless-token-b3b3"})
            gateway.secret(token);
    }
    int status(const std::string &token) { return caller("/v1", token).get("/sockets").status; }
};

TEST_F(ExpiringTokens, AreGoodUntilTheirEnd)
{
    EXPECT_EQ(status("short-token-7f3a"), 200);
    for (const char *token : {"long-token-91c2", "week-token-44aa", "endless-token-b3b3", securityToken})
        EXPECT_EQ(status(token), 200) << token;
    EXPECT_EQ(status("past-token-0d5e"), 401);
    EXPECT_EQ(status("past-token-0d5e 2020-01-01T00:00:00Z"), 401);
    EXPECT_EQ(status(""), 401);
    const Deadline deadline(std::chrono::seconds(10));
    while (status("short-token-7f3a") == 200 && deadline.left() > 0)
        std::this_thread::yield();
    EXPECT_EQ(status("short-token-7f3a"), 401);
    EXPECT_EQ(status("long-token-91c2"), 200);
}

TEST_F(ExpiringTokens, AreAnnouncedInTheLogWithoutBeingNamed)
{
    const std::string soon = "a security token expires within seven days";
    const std::string over = "a security token has expired";
    gateway.waitForLog(over, std::chrono::seconds(10), 2);
    const std::string log = gateway.log();
    EXPECT_EQ(timesIn(log, soon), 2u) << log;
    EXPECT_EQ(timesIn(log, over), 2u) << log;
    EXPECT_THAT(log, HasSubstr("security_tokens[1]"));
    EXPECT_THAT(log, Not(HasSubstr("security_tokens[0]")));
    EXPECT_THAT(log, Not(HasSubstr("security_tokens[4]")));
}

} // namespace mws::test
