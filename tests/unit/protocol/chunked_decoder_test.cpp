#include "protocol/chunked_decoder.h"

#include "splits.h"

#include <gtest/gtest.h>
#include <sstream>

namespace mws::test {
namespace {

using namespace std::string_literals;
using Status = ChunkedDecoder::Status;

struct Decoded
{
    Status status = Status::NeedMore;
    std::string body;
    size_t consumed = 0;
    Error error;
    friend bool operator==(const Decoded &, const Decoded &) = default;
};

Decoded decode(const Pieces &pieces, size_t limit)
{
    ChunkedDecoder decoder(limit);
    Decoded decoded;
    for (const std::string_view piece : pieces) {
        size_t consumed = 0;
        decoded.status = decoder.feed(piece, decoded.body, consumed);
        decoded.consumed += consumed;
        if (decoded.status != Status::NeedMore)
            break;
        EXPECT_EQ(consumed, piece.size());
    }
    decoded.error = decoder.error();
    return decoded;
}

Decoded decodeAlike(std::string_view bytes, size_t limit = 1000)
{
    const Decoded whole = decode({bytes}, limit);
    forEachSplit(bytes, [&](const Pieces &pieces) { EXPECT_EQ(decode(pieces, limit), whole) << bytes; });
    return whole;
}

TEST(ChunkedDecoder, DecodesChunks)
{
    for (const std::string_view bytes :
         {"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "05\r\nabcde\r\n000\r\n\r\n",
          "5;x=y;z=\"a b\"\r\nabcde\r\n0;end\r\n\r\n", "5\r\nabcde\r\n0\r\nX: y\r\nZ:\r\n\r\n",
          "0000000000000005\r\nabcde\r\n0\r\n\r\n"}) {
        const Decoded decoded = decodeAlike(bytes);
        EXPECT_EQ(decoded.status, Status::Complete) << bytes;
        EXPECT_EQ(decoded.body, "abcde");
        EXPECT_EQ(decoded.consumed, bytes.size());
    }
}

TEST(ChunkedDecoder, DecodesAnEmptyBody)
{
    EXPECT_EQ(decodeAlike("0\r\n\r\n", 0).status, Status::Complete);
}

TEST(ChunkedDecoder, ReadsHexadecimalInAnyCase)
{
    const std::string data(0x2aB, 'x');
    EXPECT_EQ(decodeAlike("2aB\r\n" + data + "\r\n0\r\n\r\n").body, data);
}

TEST(ChunkedDecoder, StopsAtTheEnd)
{
    const Decoded decoded = decodeAlike("1\r\na\r\n0\r\n\r\nGET /");
    EXPECT_EQ(decoded.status, Status::Complete);
    EXPECT_EQ(decoded.consumed, 11u);
    ChunkedDecoder decoder(10);
    std::string body;
    size_t consumed = 0;
    decoder.feed("0\r\n\r\n", body, consumed);
    EXPECT_EQ(decoder.feed("more", body, consumed), Status::Complete);
    EXPECT_EQ(consumed, 0u);
}

TEST(ChunkedDecoder, TakesTheBodyAtItsExactLimit)
{
    EXPECT_EQ(decodeAlike("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 5).status, Status::Complete);
    EXPECT_EQ(decodeAlike("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 4).error.httpStatus(), 413);
    EXPECT_EQ(decodeAlike("6\r", 5).error.httpStatus(), 413); // before any of it has come
    EXPECT_EQ(decodeAlike("6;", 5).error.httpStatus(), 413);
}

TEST(ChunkedDecoder, TakesExtensionsAndTrailersAtTheirExactLimits)
{
    EXPECT_EQ(decodeAlike("0;" + std::string(256, 'x') + "\r\n\r\n").status, Status::Complete);
    EXPECT_EQ(decodeAlike("0;" + std::string(257, 'x') + "\r\n\r\n").error.httpStatus(), 400);
    const auto trailer = [](size_t size) { return "0\r\nX:" + std::string(size - 4, 'y') + "\r\n\r\n"; };
    EXPECT_EQ(decode({trailer(4096)}, 0).status, Status::Complete);
    EXPECT_EQ(decode({trailer(4097)}, 0).error.httpStatus(), 431);
}

TEST(ChunkedDecoder, RefusesWhatIsMalformed)
{
    const std::vector<std::string> refused = {
        "\r\n",        "g\r\n",        "-1\r\n",         "+1\r\n",         "0x1\r\n",
        " 1\r\n",      "1 \r\n",       "1\t;x\r\n",      ";x\r\n",         "1\na",
        "1\r\r",       "1\ra",         "1;x\n",          "1;\0\r\n"s,      "1;x\ry",
        "1\r\nab",     "1\r\na\n",     "1\r\na\rb",      "1\r\na\r\n\r\n", "00000000000000001\r\n",
        "0\r\nX\r\n",  "0\r\n:x\r\n",  "0\r\nX : y\r\n", "0\r\n X: y\r\n", "0\r\nX: \x01\r\n",
        "0\r\nX: y\n", "0\r\nX: y\rz", "0\r\n\rx",       "0\r\n\n"};
    for (const std::string &bytes : refused) {
        const Decoded decoded = decodeAlike(bytes);
        EXPECT_EQ(decoded.status, Status::Refused) << bytes;
        EXPECT_EQ(decoded.error.httpStatus(), 400) << bytes;
    }
    EXPECT_EQ(decodeAlike("ffffffffffffffff\r\n").error.httpStatus(), 413);
}

std::string chunksWithExtension(size_t count, size_t data, size_t extension)
{
    std::ostringstream chunk;
    chunk << std::hex << data << ';' << std::string(extension, 'x') << "\r\n"
          << std::string(data, 'a') << "\r\n";
    std::string bytes;
    for (size_t i = 0; i < count; ++i)
        bytes += chunk.str();
    return bytes + "0\r\n\r\n";
}

TEST(ChunkedDecoder, RefusesExtensionsThatOutweighTheData)
{
    const auto decodeWhole = [](const std::string &bytes) { return decode({bytes}, 1 << 20); };
    EXPECT_EQ(decodeWhole(chunksWithExtension(60, 1, 256)).status, Status::Complete);
    const Decoded refused = decodeWhole(chunksWithExtension(100, 1, 256));
    EXPECT_EQ(refused.status, Status::Refused);
    EXPECT_EQ(refused.error.httpStatus(), 400);
    // A signature on each chunk, as some storage services have it.
    EXPECT_EQ(decodeWhole(chunksWithExtension(1000, 100, 85)).status, Status::Complete);
}

TEST(ChunkedDecoder, StaysRefused)
{
    ChunkedDecoder decoder(10);
    std::string body;
    size_t consumed = 0;
    decoder.feed("x", body, consumed);
    EXPECT_EQ(decoder.feed("0\r\n\r\n", body, consumed), Status::Refused);
    EXPECT_EQ(consumed, 0u);
}

} // namespace
} // namespace mws::test
