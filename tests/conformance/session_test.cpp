#include "conformance/conformance_test.h"

#include <algorithm>

namespace mws::test {

namespace {

constexpr char handshake[] =
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

constexpr size_t longestFragmented = 300;

/// The message in two frames with something between.
std::string fragmented(const WireFrame &frame, size_t at, const std::string &between)
{
    return frameText({frame.opcode, frame.payload.substr(0, at), false}) + between +
           frameText({Opcode::Continuation, frame.payload.substr(at)});
}

/// A frame for each byte.
std::string fragmentedBytewise(const WireFrame &frame)
{
    std::string bytes;
    for (size_t i = 0; i < frame.payload.size(); ++i)
        bytes += frameText({i == 0 ? frame.opcode : Opcode::Continuation, frame.payload.substr(i, 1),
                            i + 1 == frame.payload.size()});
    return bytes;
}

bool isOneMessage(const ConformanceCase &one)
{
    return one.impliedHandshake && one.frames.size() == 1 && one.frames[0].fin && one.frames[0].masked &&
           one.frames[0].reserved == 0 && one.bytes == frameText(one.frames[0]) &&
           (one.frames[0].opcode == Opcode::Text || one.frames[0].opcode == Opcode::Binary) &&
           one.frames[0].payload.size() > 1 && one.frames[0].payload.size() <= longestFragmented;
}

} // namespace

/// Every case of a file of corpus/handshake or corpus/frames, delivered in several ways.
class SessionCorpus : public ConformanceTest
{
protected:
    void add(const ConformanceCase &one, std::string how, std::vector<std::string> pieces);
    void play();
    /// What comes before the case.
    static std::string opening(const ConformanceCase &one) { return one.impliedHandshake ? handshake : ""; }
    /// What comes behind it.
    static std::string farewell(const ConformanceCase &one)
    {
        if (one.halfCloses)
            return {};
        return one.upgrades ? sessionFarewell() : std::string(innocentRequest);
    }

private:
    struct Delivery
    {
        ConformanceCase of;
        std::string how;
    };

    std::vector<Delivery> m_deliveries;
    std::vector<Script> m_scripts;
};

void SessionCorpus::add(const ConformanceCase &one, std::string how, std::vector<std::string> pieces)
{
    Script script;
    script.awaitAnswer = one.impliedHandshake && !pieces.empty() && pieces[0] == handshake;
    script.pieces = std::move(pieces);
    script.halfCloses = one.halfCloses;
    m_scripts.push_back(std::move(script));
    m_deliveries.push_back({one, std::move(how)});
}

void SessionCorpus::play()
{
    const std::vector<Heard> heard = playScripts(endpoint(), m_scripts);
    for (size_t i = 0; i < heard.size(); ++i) {
        const auto &[one, how] = m_deliveries[i];
        const std::string problem = one.upgrades ? sessionProblem(one, heard[i], contract())
                                                 : httpProblem(one, heard[i], true, contract());
        if (!problem.empty())
            ADD_FAILURE() << one.name << " (" << one.where << "), " << how << ": " << problem;
    }
    m_deliveries.clear();
    m_scripts.clear();
}

TEST_P(SessionCorpus, Whole)
{
    for (const ConformanceCase &one : cases()) {
        if (one.impliedHandshake)
            add(one, "whole", {handshake, one.bytes + farewell(one)});
        else
            add(one, "whole", {one.bytes, farewell(one)});
    }
    play();
}

TEST_P(SessionCorpus, WithAllInOneSegment)
{
    for (const ConformanceCase &one : cases())
        add(one, "in one segment", {opening(one) + one.bytes + farewell(one)});
    play();
}

TEST_P(SessionCorpus, ByteByByte)
{
    for (const ConformanceCase &one : cases()) {
        if (!one.wholeOnly)
            add(one, "byte by byte", bytewise(opening(one) + one.bytes + farewell(one)));
    }
    play();
}

TEST_P(SessionCorpus, SplitEverywhere)
{
    for (const ConformanceCase &one : cases()) {
        for (size_t at = 1; isSplit(one) && at < one.bytes.size(); ++at) {
            std::vector<std::string> pieces{one.bytes.substr(0, at), one.bytes.substr(at) + farewell(one)};
            if (one.impliedHandshake)
                pieces.insert(pieces.begin(), handshake);
            add(one, "split at " + std::to_string(at), std::move(pieces));
        }
    }
    play();
}

TEST_P(SessionCorpus, FragmentedEverywhere)
{
    for (const ConformanceCase &one : cases()) {
        if (!isOneMessage(one))
            continue;
        const WireFrame &frame = one.frames[0];
        add(one, "a frame for each byte", {handshake, fragmentedBytewise(frame) + farewell(one)});
        for (size_t at = 0; at <= frame.payload.size(); ++at) {
            ConformanceCase more = one;
            std::string between;
            if (!one.closeCode) { // a bad message may end the session before the ping
                between = frameText({Opcode::Ping, "between"});
                more.replies.push_back({Opcode::Pong, "between"});
            }
            add(more, "fragmented at " + std::to_string(at),
                {handshake, fragmented(frame, at, between) + farewell(one)});
        }
    }
    play();
}

INSTANTIATE_TEST_SUITE_P(Handshake, SessionCorpus, ::testing::ValuesIn(corpusPaths("handshake")), fileName);
INSTANTIATE_TEST_SUITE_P(Frames, SessionCorpus, ::testing::ValuesIn(corpusPaths("frames")), fileName);

TEST(SessionCorpusFiles, AreUnderstood)
{
    EXPECT_GE(expectUnderstood("handshake"), 80u);
    EXPECT_GE(expectUnderstood("frames"), 250u);
}

} // namespace mws::test
