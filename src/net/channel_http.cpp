#include "mws/base/access_log.h"
#include "mws/base/log.h"
#include "mws/base/random.h"
#include "net/channel.h"
#include "net/connection_server.h"
#include "net/half_request.h"
#include "net/qt_compat.h"
#include "net/request_writer.h"

#include <algorithm>
#include <arpa/inet.h>
#include <limits>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace mws {

namespace {

/// The next pipelined request waits while more than this of earlier answers has not been read.
constexpr size_t pipelineOutput = 65536;
/// So long no average is asked for.
constexpr auto bodyGrace = std::chrono::seconds(10);
/// For a head that was taken before, perhaps under other limits.
constexpr RequestLimits anyHead{.headBytes = std::numeric_limits<size_t>::max(),
                                .targetBytes = std::numeric_limits<size_t>::max(),
                                .fields = std::numeric_limits<size_t>::max(),
                                .bodyBytes = std::numeric_limits<size_t>::max()};

HandshakeResult resultOf(const Error &refusal)
{
    switch (refusal.httpStatus()) {
    case 400:
    case 426:
        return HandshakeResult::Malformed;
    case 401:
        return HandshakeResult::Unauthorized;
    case 403:
        return HandshakeResult::Forbidden;
    case 404:
        return HandshakeResult::NotFound;
    case 429:
        return HandshakeResult::Limited;
    case 503:
        return HandshakeResult::Unavailable;
    default:
        return HandshakeResult::Failed;
    }
}

} // namespace

/// What the answer says of the connection (RFC 9112 §9), as a field line.
std::string_view Channel::fieldOf(Connection say)
{
    switch (say) {
    case Connection::Nothing:
        return "";
    case Connection::Close:
        return "Connection: close\r\n";
    case Connection::KeepAlive:
        return "Connection: keep-alive\r\n";
    }
    return "";
}

/// Nobody asks, and nobody has read for as long: closing at once frees the descriptor also of a peer that has
/// vanished. What it did not read goes with it, or the kernel would keep that and ask on for minutes.
void Channel::idleTooLong()
{
    const bool between = m_state == State::Request;
    if (between)
        readable(); // a request may have come just now
    if (between && (m_state != State::Request || !m_input.empty()))
        return;
    constexpr ::linger reset{.l_onoff = 1, .l_linger = 0};
    int unread = 0;
    if (::ioctl(m_fd, SIOCOUTQ, &unread) == 0 && unread > 0)
        ::setsockopt(m_fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    die();
}

size_t Channel::readHead(std::string_view bytes)
{
    RequestHead &head = m_server.scratchHead();
    const RequestParser::Outcome outcome = RequestParser(m_server.config().request).parse(bytes, head);
    if (outcome.status == RequestParser::Status::NeedMore)
        return 0;
    if (outcome.status == RequestParser::Status::Refused) {
        refuse(outcome.error, &head); // with what came before what was wrong
        return bytes.size();
    }
    m_asked = true;
    if (overRequests(head))
        return bytes.size();
    m_keepAlive = head.keepAlive && !m_server.draining();
    if (head.upgradeWebSocket) {
        beginUpgrade(head);
        return outcome.headSize;
    }
    if (head.chunked || head.contentLength > int64_t(bytes.size() - outcome.headSize)) {
        beginBody(head, bytes.substr(0, outcome.headSize));
        return outcome.headSize;
    }
    const size_t bodySize = head.contentLength > 0 ? size_t(head.contentLength) : 0;
    requestComplete(head, bytes.substr(outcome.headSize, bodySize));
    return outcome.headSize + bodySize;
}

void Channel::beginBody(const RequestHead &head, std::string_view headBytes)
{
    m_state = State::Body;
    m_half = std::make_unique<HalfRequest>(m_server.heldBytes(), m_server.now());
    m_half->head = headBytes;
    if (head.chunked)
        m_half->decoder.emplace(m_server.config().request.bodyBytes);
    else
        m_half->missing = uint64_t(head.contentLength);
    armBody();
    if (head.expectContinue)
        queueBytes("HTTP/1.1 100 Continue\r\n\r\n", OutputQueue::Kind::Control);
}

size_t Channel::readBody(std::string_view bytes)
{
    size_t used = 0;
    bool complete = false;
    if (m_half->decoder) {
        const ChunkedDecoder::Status status = m_half->decoder->feed(bytes, m_half->body, used);
        if (status == ChunkedDecoder::Status::Refused) {
            refuseBody(m_half->decoder->error());
            return bytes.size();
        }
        complete = status == ChunkedDecoder::Status::Complete;
    } else {
        used = size_t(std::min<uint64_t>(m_half->missing, bytes.size()));
        m_half->body.append(bytes.substr(0, used));
        m_half->missing -= used;
        complete = m_half->missing == 0;
    }
    if (!complete) {
        if (!holdBody())
            return bytes.size();
        armBody();
        return used;
    }
    const std::unique_ptr<HalfRequest> half = std::move(m_half);
    RequestHead &head = m_server.scratchHead();
    [[maybe_unused]] const auto again = RequestParser(anyHead).parse(half->head, head);
    requestComplete(head, half->body);
    return used;
}

/// Counts what has come of the body; false if all that this worker holds is too much and it is refused.
bool Channel::holdBody()
{
    m_half->held.set(m_half->body.size());
    if (m_server.heldBytes() <= m_server.config().heldBytes)
        return true;
    refuseBody(Error{ErrorCode::Unavailable, "Too many request bodies are under way", {}});
    return false;
}

/// A body is awaited for as long as some of it comes in each bodyTimeout, and at the least rate after
/// bodyGrace.
void Channel::armBody()
{
    const NetConfig &config = m_server.config();
    std::chrono::milliseconds time = config.bodyTimeout;
    if (config.bodyRate > 0) {
        const std::chrono::milliseconds earned(m_half->body.size() * 1000 / config.bodyRate);
        const auto left = m_half->begun + bodyGrace + earned - m_server.now();
        time = std::min(time, std::chrono::ceil<std::chrono::milliseconds>(left));
    }
    armIn(time);
}

void Channel::requestComplete(const RequestHead &head, std::string_view body)
{
    m_server.metrics().requests.add();
    m_state = State::Answering;
    m_answerBegun = false;
    m_answered = false;
    m_say = !m_keepAlive             ? Connection::Close
            : head.minorVersion == 0 ? Connection::KeepAlive // RFC 9112 appendix C.2.2
                                     : Connection::Nothing;
    if (answerDirectly(head, body))
        return;
    m_due = SteadyTime::max(); // an answer may take its time; who gives it has a deadline of its own
    const QByteArray bytes = writeRequest(head, body);
    const bool headOnly = head.method == "HEAD";
    FeedSocket &feed = httpFeed();
    m_offering = true;
    feed.offerRequest(bytes, headOnly);
    m_offering = false;
    if (m_state == State::Answering && m_answered)
        takeUpAnswer();
}

/// The short way: see DirectLane. False if the HTTP server has to answer.
bool Channel::answerDirectly(const RequestHead &head, std::string_view body)
{
    DirectLane *lane = m_server.directLane();
    if (!lane)
        return false;
    std::string &answer = m_server.scratchAnswer();
    const auto peer = IpAddress::of(reinterpret_cast<const sockaddr &>(m_peer));
    const LateAnswerTicket ticket = m_server.newTicket(*this);
    const DirectLane::Verdict verdict = lane->take(head, body, peer, fieldOf(m_say), ticket, answer);
    if (verdict == DirectLane::Verdict::Declined)
        return false;
    if (verdict == DirectLane::Verdict::Later) {
        m_due = SteadyTime::max(); // as with the HTTP server
        m_server.awaitAnswer(ticket);
        return true;
    }
    m_say = Connection::Nothing;
    m_answerBegun = true;
    m_answered = true;
    queueBytes(answer, OutputQueue::Kind::Control);
    takeUpAnswer();
    return true;
}

void Channel::answerLate(std::string_view bytes)
{
    queueAnswer(bytes);
    feedAnswered();
}

/// The answer is complete: the next request may be read, once enough of it has gone.
void Channel::takeUpAnswer()
{
    if (!m_keepAlive) {
        linger();
        return;
    }
    if (m_output.bytes() > pipelineOutput) {
        armIn(m_server.config().idleTimeout);
        return; // allWritten() comes back to this
    }
    m_answered = false;
    m_state = State::Request;
    armIn(m_server.config().idleTimeout);
}

FeedSocket &Channel::httpFeed()
{
    if (m_feed && m_feed->requests() >= qt_compat::requestsPerConnection)
        releaseFeed();
    if (!m_feed) {
        m_feed = new FeedSocket(*this, peerAddress(), ntohs(m_peer.sin6_port), FeedSocket::Deletion::ByServer,
                                &m_server.listener());
        m_server.listener().pass(*m_feed);
    }
    return *m_feed;
}

void Channel::beginUpgrade(const RequestHead &head)
{
    const Result<HandshakeRequest> handshake = checkHandshake(head);
    if (!handshake) {
        refuseHandshake(handshake.error(), head);
        return;
    }
    Result<Admission> admission = m_server.handler().admit(head, *handshake, *this);
    if (!admission) {
        refuseHandshake(admission.error(), head);
        return;
    }
    m_session = std::move(admission->session);
    m_frames.emplace(admission->frames);
    m_controlLimit = admission->controlFramesPerSecond;
    m_queueLimit = uint32_t(admission->queueBytes);
    m_half = std::make_unique<HalfRequest>(m_server.heldBytes(), m_server.now());
    m_half->subprotocol = std::move(admission->subprotocol);
    releaseFeed();
    m_state = State::Upgrading;
    if (admission->undecided.count() == 0) {
        upgrade(handshake->key);
        return;
    }
    m_half->head = handshake->key;
    armIn(admission->undecided);
}

void Channel::decide(const Result<void> &decision)
{
    if (m_state != State::Upgrading || m_feed)
        return;
    if (decision) {
        upgrade(std::exchange(m_half->head, {}));
        return;
    }
    m_server.metrics().handshakes[resultOf(decision.error())].add();
    refuse(decision.error()); // comes to SessionHandler::abandoned()
}

void Channel::upgrade(std::string_view key)
{
    armIn(m_server.config().handshakeTimeout);
    const uint64_t privateId = m_server.nextPrivateId();
    m_feed = new FeedSocket(*this, peerAddress(), ntohs(m_peer.sin6_port), FeedSocket::Deletion::ByItself);
    m_feed->preload(writeHandshake(key, privateId));
    m_server.handleUpgrade(*this, *m_feed, privateId);
}

void Channel::refuseHandshake(const Error &error, const RequestHead &head)
{
    m_server.metrics().handshakes[resultOf(error)].add();
    refuse(error, &head);
}

/// Answers a request that no handler sees, and ends the connection: what follows it could be read in two
/// ways.
void Channel::refuse(const Error &error, const RequestHead *head)
{
    const std::string_view requestId = head ? head->field("x-request-id") : std::string_view();
    const std::string id = isRequestId(requestId) ? std::string(requestId) : randomAlphanumeric(16);
    const bool headOnly = head && head->method == "HEAD";
    const std::string answer = writeRefusal(error, id, headOnly);
    countRefusal(error, m_state == State::Upgrading || (head && head->upgradeWebSocket), id, answer.size());
    queueBytes(answer, OutputQueue::Kind::Control);
    linger();
}

void Channel::countRefusal(const Error &error, bool handshake, const std::string &requestId, size_t bytes)
{
    WorkerMetrics &metrics = m_server.metrics();
    (handshake ? metrics.webSockets : metrics.refused).add(error.httpStatus());
    if (logEnabled(LogLevel::Debug))
        log(LogLevel::Debug, "request refused",
            {{"remote", remote()},
             {"status", error.httpStatus()},
             {"reason", error.message()},
             {"request", requestId}});
    if (accessLogOn())
        logAccess("request answered", {{"method", handshake ? "GET" : "any"},
                                       {"route", handshake ? "websocket" : "refused"},
                                       {"status", error.httpStatus()},
                                       {"bytes", bytes},
                                       {"remote", remote()},
                                       {"request", requestId},
                                       {"reason", error.message()}});
}

/// The same while the body arrives.
void Channel::refuseBody(const Error &error)
{
    const std::string bytes = m_half->head;
    RequestHead &head = m_server.scratchHead();
    [[maybe_unused]] const auto again = RequestParser(anyHead).parse(bytes, head);
    refuse(error, &head);
}

void Channel::feedWrote(std::string_view bytes)
{
    if (m_state == State::Upgrading) {
        m_half->upgradeReply += bytes; // held back until the session is there: see upgraded()
        return;
    }
    m_feedWrote = true;
    queueAnswer(bytes);
}

/// Bytes of an answer, whole lines at its beginning, which does not name the connection yet.
void Channel::queueAnswer(std::string_view bytes)
{
    m_answerBegun = true;
    const size_t statusLine = m_say == Connection::Nothing ? bytes.npos : bytes.find("\r\n");
    if (statusLine != bytes.npos) { // RFC 9112 §9.6
        const Connection say = std::exchange(m_say, Connection::Nothing);
        queueBytes(bytes.substr(0, statusLine + 2), OutputQueue::Kind::Control);
        queueBytes(fieldOf(say), OutputQueue::Kind::Control);
        bytes.remove_prefix(statusLine + 2);
    }
    queueBytes(bytes, OutputQueue::Kind::Control);
}

void Channel::feedAnswered()
{
    m_answered = true;
    if (!m_offering && !m_resumeMarked) {
        m_resumeMarked = true;
        m_server.markResume(*this);
    }
}

void Channel::feedClosed()
{
    m_feed = nullptr;
    m_webSocket = nullptr;
    switch (m_state) {
    case State::Upgrading:
        refuse(Error{ErrorCode::Internal, "The handshake failed", {}});
        break;
    case State::Open: // QWebSocket gave up by itself: nothing that was vetted makes it do so
        endSession(CloseInfo{CloseCode::InternalError, {}, false});
        linger();
        break;
    case State::Request:
    case State::Body:
    case State::Answering:
        linger();
        break;
    case State::Securing:
    case State::Closing:
    case State::Lingering:
    case State::Dead:
        break;
    }
}

void Channel::drain()
{
    m_keepAlive = false;
    if (m_state == State::Answering && !m_answerBegun)
        m_say = Connection::Close;
    else if (m_state == State::Request && m_input.empty() && !allGone())
        linger(); // with an answer that is not all written
}

void Channel::endIfIdle()
{
    if (isIdle())
        readable(); // a request may have come before we stopped
    if (isIdle())
        die(); // the peer may keep the connection for as long as it likes
}

void Channel::releaseFeed()
{
    m_webSocket = nullptr;
    if (FeedSocket *feed = std::exchange(m_feed, nullptr))
        feed->ownerGone();
}

} // namespace mws
