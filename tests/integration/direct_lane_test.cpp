#include "support/gateway_test.h"

#include <algorithm>
#include <cctype>

namespace mws::test {

namespace {

constexpr char good[] = R"({"data":{"a": [1, 2.50]},"receivers":{"tags":["t"]}})";
constexpr char batch[] =
    R"({"messages":[{"data":"a","receivers":{"tags":["t"]}},{"data":"b"},{"data":"c","receivers":{}}]})";
constexpr char webhook[] =
    R"({"meta":{"eventName":"update"},"object":{"id":"1","objectType":"objects.todos"}})";
const std::string bearer = std::string("Authorization: Bearer ") + securityToken + "\r\n";

/// A whole request with a name in its X-Request-Id, so that answers can be compared.
std::string request(std::string_view line, std::string_view fields, std::string_view body)
{
    return std::string(line) + "\r\nHost: push.example.com\r\nX-Request-Id: same\r\n" + std::string(fields) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

struct Case
{
    const char *name;
    std::string bytes;
};

std::vector<Case> allCases()
{
    const std::string post = "POST /v1/messages HTTP/1.1";
    std::vector<Case> cases{
        {"message", request(post, bearer, good)},
        {"by gateway", request("POST /v1/gateways/default/messages HTTP/1.1", bearer, good)},
        {"unknown gateway", request("POST /v1/gateways/none/messages HTTP/1.1", bearer, good)},
        {"gateway with dots", request("POST /v1/gateways/../messages HTTP/1.1", bearer, good)},
        {"no gateway", request("POST /v1/gateways//messages HTTP/1.1", bearer, good)},
        {"absolute form", request("POST http://other/v1/messages HTTP/1.1", bearer, good)},
        {"query", request("POST /v1/messages?a=b HTTP/1.1", bearer, good)},
        {"escaped path", request("POST /v1/mess%61ges HTTP/1.1", bearer, good)},
        {"two slashes", request("POST //v1/messages HTTP/1.1", bearer, good)},
        {"slash at the end", request("POST /v1/messages/ HTTP/1.1", bearer, good)},
        {"other case", request("POST /V1/messages HTTP/1.1", bearer, good)},
        {"no bearer", request(post, "", good)},
        {"wrong bearer", request(post, "Authorization: Bearer wrong\r\n", good)},
        {"other scheme", request(post, "Authorization: Basic YTpi\r\n", good)},
        {"little preferred", request(post, bearer + "Prefer: return=minimal\r\n", good)},
        {"preferred twice", request(post, bearer + "Prefer: wait=1\r\nprefer: return=minimal\r\n", good)},
        {"origin", request(post, bearer + "Origin: https://app.example.com\r\n", good)},
        {"origin with fields",
         request(post, bearer + "Origin: null\r\nAccess-Control-Request-Headers: X-A\r\n", good)},
        {"no JSON", request(post, bearer, "{\"data\":")},
        {"empty body", request(post, bearer, "")},
        {"no receivers", request(post, bearer, R"({"data":1})")},
        {"wrong tag", request(post, bearer, R"({"data":1,"receivers":{"tags":["a",7]}})")},
        {"with id", request(post, bearer, R"({"id":"7","data":1,"receivers":{}})")},
        {"with id again", request(post, bearer, R"({"id":"7","data":1,"receivers":{}})")},
        {"with id, another", request(post, bearer, R"({"id":"7","data":2,"receivers":{}})")},
        {"batch", request("POST /v1/messages:batch HTTP/1.1", bearer, batch)},
        {"batch of nothing", request("POST /v1/messages:batch HTTP/1.1", bearer, "{}")},
        {"webhook", request("POST /v1/webhook_receivers/enginio HTTP/1.1", bearer, webhook)},
        {"webhook by gateway",
         request("POST /v1/gateways/default/webhook_receivers/enginio HTTP/1.1", bearer, webhook)},
        {"webhook, no object", request("POST /v1/webhook_receivers/enginio HTTP/1.1", bearer, "[]")},
        {"GET", request("GET /v1/messages HTTP/1.1", bearer, "")},
        {"PUT", request("PUT /v1/messages HTTP/1.1", bearer, good)},
        {"OPTIONS", request("OPTIONS /v1/messages HTTP/1.1", "Origin: https://a\r\n", "")},
        {"expect", request(post, bearer + "Expect: 100-continue\r\n", good)},
        {"HTTP/1.0", request("POST /v1/messages HTTP/1.0", bearer, good)},
        {"HTTP/1.0 kept alive",
         request("POST /v1/messages HTTP/1.0", bearer + "Connection: keep-alive\r\n", good)},
        {"close", request(post, bearer + "Connection: close\r\n", good)},
    };
    std::string chunked = post + "\r\nHost: a\r\nX-Request-Id: same\r\n" + bearer +
                          "Transfer-Encoding: chunked\r\n\r\n34\r\n" + good + "\r\n0\r\n\r\n";
    cases.push_back({"chunked", std::move(chunked)});
    return cases;
}

/// Status, fields and body. Qt 6.8 writes the names of fields in small letters.
std::string shown(HttpAnswer answer)
{
    std::string text = std::to_string(answer.status) + '\n';
    for (auto &[name, value] : answer.headers) {
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return std::tolower(c); });
        if (name == "date")
            value.clear();
    }
    std::sort(answer.headers.begin(), answer.headers.end());
    for (const auto &[name, value] : answer.headers)
        text += name + ": " + value + '\n';
    return text + '\n' + answer.body;
}

} // namespace

class DirectLane : public GatewayTest
{
protected:
    DirectLane() : GatewayTest(guardedGateway({{"MWS_SERVER_DIRECT_LANE", "true"}})) {}

    GatewayProcess served{guardedGateway({{"MWS_SERVER_DIRECT_LANE", "false"}})};
};

TEST_F(DirectLane, AnswersAsTheHttpServerDoes)
{
    for (const Case &each : allCases()) {
        RawConnection direct(gateway.endpoint());
        RawConnection other(served.endpoint());
        ASSERT_TRUE(direct.send(each.bytes) && other.send(each.bytes));
        const HttpAnswer answer = readHttpAnswer(direct);
        EXPECT_NE(answer.status, 0) << each.name;
        EXPECT_EQ(shown(answer), shown(readHttpAnswer(other))) << each.name;
        const std::string after = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"; // both go on, or neither does
        EXPECT_EQ(direct.send(after) ? readHttpAnswer(direct).status : 0,
                  other.send(after) ? readHttpAnswer(other).status : 0)
            << each.name;
    }
}

TEST_F(DirectLane, SendsTheSameFrames)
{
    GatewayApi servedBackend(served.endpoint(), "/v1", securityToken);
    OpenSocket direct = backend.open({"t"});
    OpenSocket other = servedBackend.open({"t"});
    const char *bodies[] = {good, R"({"data":"\u00e4\"","receivers":{"tags":["t"]}})",
                            R"({"data":"AAEC","encoding":"base64","receivers":{"tags":["t"]}})"};
    for (const char *body : bodies) {
        EXPECT_EQ(backend.post("/messages", body).status, 201);
        EXPECT_EQ(servedBackend.post("/messages", body).status, 201);
        const auto frame = direct.socket.readFrame();
        const auto expected = other.socket.readFrame();
        ASSERT_TRUE(frame && expected) << body;
        EXPECT_EQ(frame->payload, expected->payload);
        EXPECT_EQ(int(frame->opcode), int(expected->opcode));
    }
}

} // namespace mws::test
