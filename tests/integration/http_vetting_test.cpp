#include "support/gateway_test.h"

namespace mws::test {

namespace {

/// Whether the connection takes another request after the answer.
enum class After { Open, Closed };

struct VettingRow
{
    const char *name;
    std::string request;
    int status;
    After after = After::Closed;
};

const std::string message = R"({"data":"x","receivers":{}})";
const std::string length = std::to_string(message.size());

std::string post(const std::string &fields, const std::string &body)
{
    return "POST /v1/messages HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

std::string get(const std::string &fields)
{
    return "GET / HTTP/1.1\r\n" + fields + "\r\n";
}

std::string manyFields(int count)
{
    std::string fields = "Host: a\r\n";
    for (int i = 1; i < count; ++i)
        fields += "X-" + std::to_string(i) + ": v\r\n";
    return fields;
}

const std::string chunk = "1b\r\n" + message + "\r\n";

const std::vector<VettingRow> rows{
    // What is good.
    {"Get", get("Host: a\r\n"), 200, After::Open},
    {"AbsoluteForm", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 200, After::Open},
    {"EmptyHost", get("Host:\r\n"), 200, After::Open},
    {"LeadingEmptyLine", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 200, After::Open},
    {"HundredFields", get(manyFields(100)), 200, After::Open},
    {"PostWithLength", post("Content-Length: " + length + "\r\n", message), 201, After::Open},
    {"PostInOneChunk", post("Transfer-Encoding: chunked\r\n", chunk + "0\r\n\r\n"), 201, After::Open},
    {"ChunkedHasNoCase", post("Transfer-Encoding: Chunked\r\n", chunk + "0\r\n\r\n"), 201, After::Open},
    {"Trailers", post("Transfer-Encoding: chunked\r\n", chunk + "0\r\nX-Sum: 1\r\n\r\n"), 201, After::Open},
    {"ChunkExtension", post("Transfer-Encoding: chunked\r\n", "1b;a=b\r\n" + message + "\r\n0\r\n\r\n"), 201,
     After::Open},
    {"ExpectContinue", post("Expect: 100-continue\r\nContent-Length: " + length + "\r\n", message), 201,
     After::Open},
    {"ConnectionClose", get("Host: a\r\nConnection: close\r\n"), 200, After::Closed},
    {"Http10", "GET / HTTP/1.0\r\n\r\n", 200, After::Closed},
    {"Http10KeepAlive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, After::Open},
    {"GetWithLengthZero", get("Host: a\r\nContent-Length: 0\r\n"), 200, After::Open}, // as the SDK sends it
    // What is not HTTP.
    {"Nonsense", "hello\r\n\r\n", 400},
    {"TlsHello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15), 400},
    {"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
    {"TwoHosts", get("Host: a\r\nHost: a\r\n"), 400},
    {"BadHost", get("Host: a b\r\n"), 400},
    {"HostWithPath", get("Host: a/b\r\n"), 400},
    {"BareLineFeeds", "GET / HTTP/1.1\nHost: a\n\n", 400},
    {"BareCarriageReturn", get("Host: a\r\nX: a\rb\r\n"), 400},
    {"FoldedField", get("Host: a\r\nX: a\r\n b\r\n"), 400},
    {"SpaceBeforeColon", get("Host: a\r\nX : a\r\n"), 400},
    {"FieldWithoutColon", get("Host: a\r\nNothing\r\n"), 400},
    {"EmptyFieldName", get("Host: a\r\n: a\r\n"), 400},
    {"NulInField", get("Host: a\r\nX: a" + std::string(1, '\0') + "b\r\n"), 400},
    {"TwoSpaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"NoTarget", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"RelativeTarget", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"SpaceInTarget", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"BadMethod", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"LowerCaseVersion", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
    {"Http20", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
    // Smuggling: what two parsers could read differently.
    {"LengthAndChunked",
     post("Content-Length: " + length + "\r\nTransfer-Encoding: chunked\r\n", chunk + "0\r\n\r\n"), 400},
    {"ChunkedAndLength", post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", chunk + "0\r\n\r\n"),
     400},
    {"TwoLengths", post("Content-Length: " + length + "\r\nContent-Length: 5\r\n", message), 400},
    {"SameLengthTwice", post("Content-Length: " + length + "\r\nContent-Length: " + length + "\r\n", message),
     400},
    {"LengthList", post("Content-Length: 5, 5\r\n", "12345"), 400},
    {"NegativeLength", post("Content-Length: -1\r\n", ""), 400},
    {"PlusLength", post("Content-Length: +" + length + "\r\n", message), 400},
    {"HexadecimalLength", post("Content-Length: 0x1b\r\n", message), 400},
    {"EmptyLength", post("Content-Length:\r\n", ""), 400},
    {"HugeLength", post("Content-Length: 99999999999999999999999\r\n", ""), 400},
    {"LengthOverLimit", post("Content-Length: 1048577\r\n", ""), 413},
    {"XChunked", post("Transfer-Encoding: xchunked\r\n", chunk + "0\r\n\r\n"), 501},
    {"GzipChunked", post("Transfer-Encoding: gzip, chunked\r\n", chunk + "0\r\n\r\n"), 501},
    {"ChunkedTwice", post("Transfer-Encoding: chunked, chunked\r\n", chunk + "0\r\n\r\n"), 501},
    {"TwoTransferEncodings",
     post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunk + "0\r\n\r\n"), 400},
    {"ChunkedInHttp10",
     "POST /v1/messages HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + "0\r\n\r\n", 400},
    {"BadChunkSize", post("Transfer-Encoding: chunked\r\n", "zz\r\n" + message + "\r\n0\r\n\r\n"), 400},
    {"NegativeChunkSize", post("Transfer-Encoding: chunked\r\n", "-1\r\n"), 400},
    {"PrefixedChunkSize", post("Transfer-Encoding: chunked\r\n", "0x1b\r\n" + message + "\r\n0\r\n\r\n"),
     400},
    {"HugeChunkSize", post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n"), 400},
    {"ChunkWithoutEnd", post("Transfer-Encoding: chunked\r\n", "1b\r\n" + message + "XX0\r\n\r\n"), 400},
    {"BareLineFeedAfterChunkSize", post("Transfer-Encoding: chunked\r\n", "1b\n" + message + "\r\n0\r\n\r\n"),
     400},
    {"ChunkOverLimit", post("Transfer-Encoding: chunked\r\n", "100001\r\n"), 413},
    // Limits.
    {"TargetTooLong", "GET /" + std::string(8192, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
    {"HeadTooLong", get("Host: a\r\nX: " + std::string(17000, 'a') + "\r\n"), 431},
    {"TooManyFields", get(manyFields(101)), 431},
    {"OtherExpectation", post("Expect: tea\r\nContent-Length: 2\r\n", "{}"), 417},
};

} // namespace

/// A gateway in mode `none`, so that a raw request needs no token.
class HttpVetting : public GatewayTest
{
protected:
    HttpVetting() : GatewayTest(GatewayOptions{}) {}
};

TEST_F(HttpVetting, EachRequestGetsItsStatusAndEnd)
{
    for (const VettingRow &row : rows) {
        SCOPED_TRACE(row.name);
        RawConnection connection(gateway.endpoint());
        ASSERT_TRUE(connection.isOpen());
        connection.send(row.request);
        const HttpAnswer answer = readHttpAnswer(connection);
        EXPECT_EQ(answer.status, row.status) << answer.body;
        if (row.after == After::Open) {
            connection.send(get("Host: a\r\n"));
            EXPECT_EQ(readHttpAnswer(connection).body, R"({"name":"MWS"})");
            continue;
        }
        EXPECT_TRUE(answer.status < 400 || answer.header("Connection") == "close");
        EXPECT_EQ(connection.readToEnd(), "");
        EXPECT_TRUE(connection.atEnd());
    }
}

TEST_F(HttpVetting, RefusalsCarryAnErrorBody)
{
    RawConnection connection(gateway.endpoint());
    connection.send("hello\r\n\r\n");
    const HttpAnswer answer = readHttpAnswer(connection);
    EXPECT_THAT(JsonView(answer.body).keys("/error"), ::testing::ElementsAre("reason", "message"));
    EXPECT_EQ(errorReason(answer), "BadRequest");
}

TEST_F(HttpVetting, SmuggledRequestNeverRuns)
{
    const Endpoint endpoint = gateway.endpoint();
    RawWebSocket witness(endpoint, targetOf(JsonView(backend.get("/websocket_uri").body).string("/uri")));
    ASSERT_TRUE(witness.isOpen());
    const std::string smuggled = R"({"data":"smuggled","receivers":{"sockets":["*"]}})";
    const std::string inner =
        "POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(smuggled.size()) +
        "\r\n\r\n" + smuggled;
    for (const std::string &fields :
         {std::string("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
          "Transfer-Encoding: xchunked\r\nContent-Length: " + std::to_string(5 + inner.size()) + "\r\n",
          std::string("Content-Length: 5\r\nContent-Length: 500\r\n"),
          std::string("Transfer-Encoding : chunked\r\n"),
          std::string("Transfer-Encoding: chunked\r\n chunked\r\nContent-Length: 5\r\n")}) {
        RawConnection connection(endpoint);
        connection.send(post(fields, "0\r\n\r\n" + inner));
        EXPECT_GE(readHttpAnswer(connection).status, 400) << fields;
        EXPECT_TRUE(connection.waitForEnd()) << fields;
    }
    backend.sendToAll("honest");
    EXPECT_EQ(witness.readMessage(), "honest");
}

TEST_F(HttpVetting, SameAnswersByteByByte)
{
    for (const VettingRow &row : rows) {
        if (row.request.size() > 300)
            continue;
        SCOPED_TRACE(row.name);
        RawConnection connection(gateway.endpoint());
        for (const char byte : row.request)
            if (!connection.send(std::string_view(&byte, 1)))
                break;
        EXPECT_EQ(readHttpAnswer(connection).status, row.status);
    }
}

} // namespace mws::test
