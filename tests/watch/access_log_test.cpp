#include "support/gateway_test.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <regex>
#include <sstream>

namespace mws::test {

namespace {

using ::testing::Contains;
using ::testing::ContainsRegex;
using ::testing::Each;
using ::testing::Not;

/// The lines of the access log.
std::vector<std::string> accessLines(const std::string &log)
{
    std::vector<std::string> lines;
    std::istringstream all(log);
    for (std::string line; std::getline(all, line);)
        if (line.find(" request answered ") != line.npos || line.find(" socket ended ") != line.npos)
            lines.push_back(line);
    return lines;
}

} // namespace

class AccessLogging : public GatewayTest
{
protected:
    explicit AccessLogging(const std::string &which = "all")
        : GatewayTest(guardedGateway({{"MWS_LOG_ACCESS", which}})), kinds(which)
    {}

    /// Something of each kind; ends when all its lines are there.
    void makeTraffic()
    {
        OpenSocket open = backend.open({"room"});
        socketId = open.id;
        EXPECT_EQ(backend
                      .call("POST", "/messages", R"({"data":"hello","receivers":{"tags":["room"]}})",
                            {{"X-Request-Id", "post-1"}})
                      .status,
                  201);
        EXPECT_EQ(open.socket.readMessage(), "hello");
        EXPECT_EQ(backend.get("/sockets/" + open.id).status, 200);
        RawConnection broken(gateway.endpoint());
        broken.send("GET /health/live HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n");
        EXPECT_EQ(readHttpAnswer(broken).status, 400);
        EXPECT_EQ(backend.openIssued({"x", "ws://x/v1/socket?token=" + gateway.secret("guessed-token-77")})
                      .answer()
                      .status,
                  401);
        EXPECT_EQ(backend.call("DELETE", "/sockets/" + open.id + "?code=4001&reason=gone").status, 200);
        EXPECT_EQ(open.socket.readClose(), 4001);
        OpenSocket second = backend.open();
        EXPECT_TRUE(second.socket.sendClose(1000));
        EXPECT_EQ(second.socket.readClose(), 1000);
        HttpClient other(gateway.endpoint());
        EXPECT_EQ(other
                      .request("GET",
                               "/" + gateway.secret("secret-in-a-path-91") +
                                   "?token=" + gateway.secret("in-a-query-33"),
                               {}, {{"X-Request-Id", "last-1"}})
                      .status,
                  404);
        EXPECT_TRUE(gateway.waitForLog("request=last-1"));
        // A socket's line is written when its connection has ended, which may be after the peer has read the
        // Close.
        EXPECT_TRUE(gateway.waitForLog(" code=4001 by=gateway "));
        if (kinds == "all") {
            EXPECT_TRUE(gateway.waitForLog(" code=1000 by=client "));
        }
    }

    const std::string kinds;
    std::string socketId;
};

class AccessLoggingOfErrors : public AccessLogging
{
protected:
    AccessLoggingOfErrors() : AccessLogging("errors") {}
};

TEST_F(AccessLogging, HasALineForEachRequestAndSocket)
{
    makeTraffic();
    const std::vector<std::string> lines = accessLines(gateway.log());
    const std::string base = "route=/v1/gateways/[{]gateway[}]/";
    for (const std::string &expected :
         {" info  request answered method=POST " + base +
              "messages status=201 bytes=[0-9]+ seconds=[0-9.]+ "
              "remote=127.0.0.1 request=post-1 gateway=\"\" id=\"\"",
          "method=GET " + base + "sockets/[{]id[}] status=200 .* id=" + socketId,
          std::string("method=any route=refused status=400 .* reason="),
          std::string("method=GET route=websocket status=401 "),
          "socket ended gateway=default id=" + socketId +
              " code=4001 by=gateway seconds=[0-9.]+ messages_in=0 bytes_in=0 messages_out=1 bytes_out=5 "
              "remote=127.0.0.1:[0-9]+",
          std::string("socket ended .* code=1000 by=client "),
          std::string("method=GET route=unknown status=404 .* request=last-1")})
        EXPECT_THAT(lines, Contains(ContainsRegex(expected)));
}

TEST_F(AccessLoggingOfErrors, HasOnlyWhatWentWrong)
{
    makeTraffic();
    const std::vector<std::string> lines = accessLines(gateway.log());
    EXPECT_THAT(lines, Each(ContainsRegex("status=[45][0-9][0-9]|code=4001")));
    EXPECT_EQ(lines.size(), 4u) << gateway.log();
}

class NoAccessLog : public GatewayTest
{};

TEST_F(NoAccessLog, IsTheDefault)
{
    EXPECT_EQ(backend.get("/nowhere").status, 404);
    EXPECT_EQ(gateway.stop(), 0);
    EXPECT_TRUE(accessLines(gateway.log()).empty());
}

} // namespace mws::test
