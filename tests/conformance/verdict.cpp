#include "conformance/verdict.h"

#include "conformance/answers.h"
#include "support/json_view.h"

#include <algorithm>
#include <strings.h>

namespace mws::test {

namespace {

constexpr char farewellText[] = "still here";
constexpr char sampleKey[] = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr char sampleAccept[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; // RFC 6455 §1.3

bool says(const HttpAnswer &answer, const char *name, const char *value)
{
    return strcasecmp(answer.header(name).c_str(), value) == 0;
}

/// The error table of the contract.
std::string errorProblem(const HttpAnswer &answer, bool headOnly)
{
    if (!answer.hasHeader("X-Request-Id"))
        return "no X-Request-Id";
    if (answer.status == 405 && !answer.hasHeader("Allow"))
        return "405 without Allow";
    if (answer.status == 401 && !answer.hasHeader("WWW-Authenticate"))
        return "401 without WWW-Authenticate";
    if (answer.status == 426 && !says(answer, "Sec-WebSocket-Version", "13"))
        return "426 without Sec-WebSocket-Version: 13";
    if ((answer.status == 429 || answer.status == 503) && !answer.hasHeader("Retry-After"))
        return "no Retry-After";
    if (!says(answer, "Content-Type", "application/json; charset=utf-8"))
        return "the error is not said to be JSON";
    if (headOnly)
        return {};
    const JsonView body(answer.body);
    const std::vector<std::string> one{"reason", "message"};
    const bool single = body.keys() == std::vector<std::string>{"error"} && body.keys("/error") == one;
    const std::string reason = body.string("/error/reason");
    if (answer.status == 400 && reason != "BadRequest" && reason != "BadHandshake")
        return "400 for the reason " + reason;
    const bool several = answer.status == 422 && body.keys() == std::vector<std::string>{"errors"};
    return body.isValid() && (single || several) ? std::string() : "the error's body is not the contract's";
}

std::string upgradeProblem(const ConformanceCase &sent, const HttpAnswer &answer)
{
    if (!says(answer, "Upgrade", "websocket") || !says(answer, "Connection", "Upgrade"))
        return "101 without Upgrade: websocket, Connection: Upgrade";
    const bool sample = sent.impliedHandshake || sent.bytes.find(sampleKey) != std::string::npos;
    if (sample && answer.header("Sec-WebSocket-Accept") != sampleAccept)
        return "another Sec-WebSocket-Accept than that of the key";
    if (answer.hasHeader("Sec-WebSocket-Extensions"))
        return "an extension is negotiated";
    return {};
}

std::string fieldProblem(const ConformanceCase &sent, const HttpAnswer &answer)
{
    for (const auto &[name, value] : sent.fields) {
        if (answer.header(name) != value || (value.empty() && answer.hasHeader(name)))
            return name + " is '" + answer.header(name) + "' instead of '" + value + "'";
    }
    return {};
}

std::string answerProblem(const ConformanceCase &sent, const HttpAnswer &answer, size_t position,
                          Contract contract)
{
    const ExpectedAnswer &expected = sent.answers[position];
    const std::string which = "answer " + std::to_string(position + 1) + ": ";
    if (answer.status != expected.status)
        return which + "status " + std::to_string(answer.status) + " instead of " +
               std::to_string(expected.status) + ' ' + answer.body;
    if (answer.header("X-Request-Id") == "innocent")
        return which + "it is the second request's";
    const bool last = position + 1 == sent.answers.size();
    if (const std::string wrong = last ? fieldProblem(sent, answer) : ""; !wrong.empty())
        return which + wrong;
    if (expected.status == 101)
        return upgradeProblem(sent, answer);
    const bool saysClose =
        says(answer, "Connection", "close") || says(answer, "Connection", "close, Upgrade");
    if (last && !sent.staysOpen && !saysClose && !sent.halfCloses)
        return which + "no Connection: close";
    if ((!last || sent.staysOpen) && saysClose)
        return which + "Connection: close, but it stays open";
    if (contract == Contract::Ours && answer.status >= 400) {
        const std::string problem = errorProblem(answer, expected.headOnly);
        return problem.empty() ? problem : which + problem;
    }
    return {};
}

/// Takes the answers that the case must get off the front of `bytes`.
std::string answersProblem(const ConformanceCase &sent, std::string_view &bytes, Contract contract)
{
    for (size_t i = 0; i < sent.answers.size(); ++i) {
        auto answer = takeAnswer(bytes, sent.answers[i].headOnly);
        if (answer && answer->status == 100 && sent.mayContinue)
            answer = takeAnswer(bytes, sent.answers[i].headOnly);
        if (!answer)
            return "answer " + std::to_string(i + 1) + " is not there, or is not whole HTTP";
        const std::string problem = answerProblem(sent, *answer, i, contract);
        if (!problem.empty())
            return problem;
    }
    return {};
}

/// Takes one frame off the front of `bytes`; nothing unless it is whole and a server may send it
/// (RFC 6455 §5).
std::optional<WireFrame> takeFrame(std::string_view &bytes)
{
    if (bytes.size() < 2)
        return std::nullopt;
    const auto first = uint8_t(bytes[0]);
    const auto second = uint8_t(bytes[1]);
    const size_t lengthBytes = second == 127 ? 8 : second == 126 ? 2 : 0;
    if ((first & 0x70) != 0 || second > 127 || bytes.size() < 2 + lengthBytes)
        return std::nullopt;
    uint64_t size = lengthBytes == 0 ? second : 0;
    for (size_t i = 0; i < lengthBytes; ++i)
        size = size << 8 | uint8_t(bytes[2 + i]);
    const bool shortest = lengthBytes == 0 || size > (lengthBytes == 2 ? 125u : 65535u);
    bytes.remove_prefix(2 + lengthBytes);
    WireFrame frame{Opcode(first & 15), {}, (first & 0x80) != 0, false};
    const bool control = (first & 8) != 0;
    const bool known = (first & 7) <= 2;
    if (!shortest || !known || size > bytes.size() || (control && (size > 125 || !frame.fin)))
        return std::nullopt;
    frame.payload = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return frame;
}

using Texts = std::vector<std::pair<Opcode, std::string>>;

std::string shown(const Texts &texts)
{
    std::string all;
    for (const auto &[opcode, text] : texts)
        all += ' ' + std::to_string(int(opcode)) + ':' + text.substr(0, 40);
    return all;
}

std::string framesProblem(const ConformanceCase &sent, std::string_view bytes)
{
    Texts data;
    Texts pongs;
    std::optional<int> closed;
    while (!bytes.empty()) {
        const auto frame = takeFrame(bytes);
        if (!frame)
            return "the server sent what is no frame of a server";
        if (closed)
            return "the server sent more after its Close";
        if (frame->opcode == Opcode::Close)
            closed = frame->closeCode();
        else if (frame->opcode == Opcode::Pong)
            pongs.emplace_back(frame->opcode, frame->payload);
        else if (frame->opcode != Opcode::Ping) // its keep-alive
            data.emplace_back(frame->opcode, frame->payload);
    }
    Texts wantedData;
    Texts wantedPongs;
    for (const WireFrame &reply : sent.replies)
        (reply.opcode == Opcode::Pong ? wantedPongs : wantedData).emplace_back(reply.opcode, reply.payload);
    if (!sent.closeCode)
        wantedData.emplace_back(Opcode::Text, farewellText);
    if (data != wantedData)
        return "messages" + shown(data) + " instead of" + shown(wantedData);
    if (pongs != wantedPongs)
        return "pongs" + shown(pongs) + " instead of" + shown(wantedPongs);
    const int wanted = sent.closeCode.value_or(1000);
    if (closed != wanted)
        return "Close with " + (closed ? std::to_string(*closed) : "nothing") + " instead of " +
               std::to_string(wanted);
    return {};
}

} // namespace

std::string sessionFarewell()
{
    return frameText({Opcode::Text, farewellText}) +
           frameText({Opcode::Close, closePayload(1000, "farewell")});
}

std::string httpProblem(const ConformanceCase &sent, const Heard &heard, bool followed, Contract contract)
{
    std::string_view rest = heard.bytes;
    const std::string problem = answersProblem(sent, rest, contract);
    if (!problem.empty())
        return problem;
    if (sent.staysOpen && followed) {
        const auto second = takeAnswer(rest, false);
        if (!second)
            return "the request behind it is not answered";
        if (second->status != 200 ||
            (contract == Contract::Ours && second->header("X-Request-Id") != "innocent"))
            return "the request behind it is not answered as it should be: " + second->body;
    }
    if (!rest.empty())
        return "more came after the last answer: " + std::string(rest.substr(0, 200));
    return heard.ended ? std::string() : "the connection does not end";
}

std::string sessionProblem(const ConformanceCase &sent, const Heard &heard, Contract contract)
{
    std::string_view rest = heard.bytes;
    const std::string problem = answersProblem(sent, rest, contract);
    if (!problem.empty())
        return problem;
    const std::string wrong = framesProblem(sent, rest);
    if (!wrong.empty())
        return wrong;
    return heard.ended ? std::string() : "the connection does not end";
}

} // namespace mws::test
