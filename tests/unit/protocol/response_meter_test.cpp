#include "protocol/response_meter.h"

#include "splits.h"

#include <gtest/gtest.h>

namespace mws::test {
namespace {

enum class Asked { Get, Head };

struct Metered
{
    size_t taken = 0;
    bool done = false;
    bool untilClose = false;
    int status = 0;
    friend bool operator==(const Metered &, const Metered &) = default;
};

Metered meter(const Pieces &pieces, Asked asked)
{
    ResponseMeter meter;
    meter.start(asked == Asked::Head);
    size_t taken = 0;
    for (const std::string_view piece : pieces)
        taken += meter.feed(piece);
    return {taken, meter.done(), meter.untilClose(), meter.status()};
}

Metered meterAlike(std::string_view bytes, Asked asked = Asked::Get)
{
    const Metered whole = meter({bytes}, asked);
    forEachSplit(bytes, [&](const Pieces &pieces) { EXPECT_EQ(meter(pieces, asked), whole) << bytes; });
    return whole;
}

void expectEnds(const std::string &response, int status, Asked asked = Asked::Get)
{
    EXPECT_EQ(meterAlike(response + "extra", asked), (Metered{response.size(), true, false, status}))
        << response;
    EXPECT_EQ(meterAlike(response, asked), (Metered{response.size(), true, false, status})) << response;
}

TEST(ResponseMeter, EndsByLength)
{
    expectEnds("HTTP/1.1 200 OK\r\ncontent-LENGTH:  5 \r\nX: y\r\n\r\nhello", 200);
    expectEnds("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", 201);
    expectEnds("HTTP/1.0 500 \r\nContent-Length: 1\r\n\r\n\n", 500);
}

TEST(ResponseMeter, EndsByChunks)
{
    expectEnds(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\nA;x\r\n0123456789\r\n0\r\n\r\n",
        200);
    expectEnds("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\nX: y\r\n\r\n",
               200);
    expectEnds("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n\r\n\r\n0\r\n\r\n", 200);
}

TEST(ResponseMeter, EndsAtTheHeadWhereThereIsNoBody)
{
    expectEnds("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 200, Asked::Head);
    expectEnds("HTTP/1.1 204 No Content\r\n\r\n", 204);
    expectEnds("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304);
    expectEnds("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", 101);
}

TEST(ResponseMeter, PassesOverInterimResponses)
{
    expectEnds("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
               "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
               200);
}

TEST(ResponseMeter, RunsUntilCloseWithoutALength)
{
    for (const std::string_view head :
         {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
        const std::string bytes = std::string(head) + "some body";
        EXPECT_EQ(meterAlike(bytes), (Metered{bytes.size(), false, true, 200})) << head;
    }
    EXPECT_EQ(meterAlike("nonsense\r\n\r\nmore"), (Metered{16, false, true, 0}));
    EXPECT_EQ(meterAlike("HTTP/1.1 2x0 OK\r\n\r\n"), (Metered{19, false, true, 0}));
}

TEST(ResponseMeter, TakesAHeadAtItsExactLimit)
{
    const std::string start = "HTTP/1.1 204 x\r\nX: ";
    const auto head = [&](size_t size) {
        return start + std::string(size - start.size() - 4, 'y') + "\r\n\r\n";
    };
    EXPECT_EQ(meterAlike(head(65536)).done, true);
    EXPECT_EQ(meterAlike(head(65537)).untilClose, true);
}

TEST(ResponseMeter, IsIdleBeforeAndAfter)
{
    ResponseMeter meter;
    EXPECT_TRUE(meter.idle());
    EXPECT_EQ(meter.feed("HTTP/1.1 200 OK\r\n"), 0u);
    meter.start(false);
    EXPECT_FALSE(meter.idle());
    meter.feed("HTTP/1.1 204 x\r\n\r\n");
    EXPECT_TRUE(meter.done());
    meter.reset();
    EXPECT_TRUE(meter.idle());
    EXPECT_EQ(meter.status(), 0);
}

} // namespace
} // namespace mws::test
