#include "actors.h"

#include <gtest/gtest.h>

namespace mws::test {

using std::chrono::milliseconds;

namespace {

constexpr std::string_view shortLived = R"("expiresIn":20)"; // so that nothing is kept for minutes

std::string tagReceivers(const std::string &tag)
{
    return "{\"tags\":[\"" + tag + "\"]}";
}

} // namespace

Actor::Actor(std::function<void()> step, milliseconds pause)
    : m_thread([this, step = std::move(step), pause] {
          while (!m_stopped) {
              step();
              std::this_thread::sleep_for(pause); // the load is so many steps a second
          }
      })
{}

Actor::~Actor()
{
    m_stopped = true;
    m_thread.join();
}

Publishing::Publishing(GatewayApi backend, std::vector<std::string> ids, size_t groups, Streams &streams)
    : m_backend(std::move(backend)), m_ids(std::move(ids)), m_groups(groups), m_streams(streams)
{
    std::vector<size_t> all;
    for (size_t socket = 0; socket < m_ids.size(); ++socket) {
        m_byId.push_back(streams.add({socket}));
        all.push_back(socket);
    }
    for (size_t group = 0; group < groups; ++group) {
        std::vector<size_t> members;
        for (size_t socket = group; socket < m_ids.size(); socket += groups)
            members.push_back(socket);
        m_byTag.push_back(streams.add(members));
        m_byUser.push_back(streams.add(members));
    }
    m_all = streams.add(all);
}

std::string Publishing::message(size_t stream, const std::string &receivers)
{
    return "{\"data\":\"" + m_streams.next(stream) + "\",\"receivers\":" + receivers + '}';
}

void Publishing::post(const std::string &path, const std::string &body, int status)
{
    const HttpAnswer answer = m_backend.post(path, body);
    EXPECT_EQ(answer.status, status) << path << ' ' << answer.body;
    ++posted;
}

void Publishing::step()
{
    const size_t socket = ++m_turn % m_ids.size();
    const size_t group = m_turn % m_groups;
    const auto toId = [this](size_t to) {
        return message(m_byId[to], "{\"sockets\":[\"" + m_ids[to] + "\"]}");
    };
    post("/messages", toId(socket), 201);
    post("/messages", message(m_byTag[group], tagReceivers("group" + std::to_string(group))), 201);
    if (m_turn % 10 == 0)
        post("/messages", message(m_all, R"({"sockets":["*"]})"), 201);
    if (m_turn % 5 == 0) {
        std::string batch;
        for (size_t i = 0; i < 20; ++i)
            batch.append(batch.empty() ? "" : ",").append(toId((socket + i) % m_ids.size()));
        post("/messages:batch", "{\"messages\":[" + batch + "]}", 200);
    }
    post("/webhook_receivers/enginio",
         "{\"payload\":{\"object\":{\"mark\":\"" + m_streams.next(m_byUser[group]) +
             "\"},\"meta\":{}},\"receivers\":[{\"id\":\"" + std::to_string(group) +
             R"(","objectType":"users"}]})",
         201);
}

void ComingAndGoing::step()
{
    ++m_turn;
    m_live.push_back(m_backend.open({"guest", "guest" + std::to_string(m_turn % 7)}, shortLived));
    ++opened;
    OpenSocket &newest = m_live.back();
    m_backend.call("PATCH", "/sockets/" + newest.id,
                   R"({"addTags":["later)" + std::to_string(m_turn % 5) + R"("],"removeTags":["guest"]})");
    m_backend.sendToTag("later" + std::to_string(m_turn % 5), "hello");
    m_backend.reserve({"never opened"}, shortLived);
    if (m_turn % 5 == 0)
        spendTwice();
    if (m_turn % 50 == 0) {
        EXPECT_EQ(m_backend.call("DELETE", "/sockets?tag=guest3").status, 200);
    }
    while (m_live.size() > 30) {
        OpenSocket &oldest = m_live.front();
        if (m_turn % 4 == 0)
            oldest.socket.sendClose(1000);
        else if (m_turn % 4 == 1)
            oldest.socket.connection().reset();
        else if (m_turn % 4 == 2)
            m_backend.call("DELETE", "/sockets/" + oldest.id);
        m_live.pop_front();
    }
}

void ComingAndGoing::spendTwice()
{
    const Issued issued = m_backend.reserve({"once"}, shortLived);
    const RawWebSocket first = m_backend.openIssued(issued);
    const RawWebSocket second = m_backend.openIssued(issued);
    EXPECT_EQ(first.answer().status, 101);
    EXPECT_EQ(second.answer().status, 401);
    ++opened;
}

void SlowReaders::step()
{
    if (m_sockets.empty()) {
        for (int i = 0; i < 6; ++i)
            m_sockets.push_back(m_narrow.open({"slow"}, shortLived));
        ++replaced;
    }
    m_backend.sendToTag("slow", std::string(4000, 's'));
    for (size_t i = 0; i < m_sockets.size() / 2; ++i)
        m_sockets[i].socket.connection().read(1000, milliseconds(1));
    if (++m_turn % 500 == 0)
        m_sockets.clear(); // by then some have been closed with 1013
}

void Hostility::step()
{
    ++attempts;
    sendGarbage();
    sendBadFrame();
    stopInTheMiddle();
}

void Hostility::sendGarbage()
{
    static const std::vector<std::string> requests{
        "GET / HTTP/9.9\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n",
        "POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        "POST /v1/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(20000, 'a') + "\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        std::string("\x16\x03\x01\x00\x05hello", 10),
    };
    const Endpoint &endpoint = m_backend.endpoint();
    RawConnection connection(endpoint);
    std::string bytes = requests[m_random() % requests.size()];
    if (m_random() % 2 == 0)
        for (char &byte : bytes)
            byte = m_random() % 20 == 0 ? char(m_random()) : byte;
    connection.send(bytes, milliseconds(500));
    connection.shutdownWrite();
    connection.readToEnd(milliseconds(500));
}

void Hostility::sendBadFrame()
{
    OpenSocket open = m_backend.open({"hostile"}, shortLived);
    WireFrame frame{Opcode(m_random() % 16), std::string(m_random() % 300, '\xff')};
    frame.masked = m_random() % 2 == 0;
    frame.fin = m_random() % 3 == 0;
    frame.reserved = uint8_t(m_random() % 8);
    open.socket.send(frame);
    open.socket.waitForEnd(milliseconds(50));
}

void Hostility::stopInTheMiddle()
{
    RawConnection connection(m_backend.endpoint());
    const std::string body = R"({"data":"half","receivers":{"sockets":["*"]}})";
    const std::string whole = messagePostText(body);
    connection.send(std::string_view(whole).substr(0, m_random() % (whole.size() - 1)));
    m_halves.push_back(std::move(connection));
    if (m_halves.size() > 60)
        m_halves.pop_front();
}

void TlsTraffic::step()
{
    m_live.push_back(m_backend.open({"secure"}, shortLived));
    const std::string text = "secure " + std::to_string(++opened);
    m_backend.sendTo("{\"sockets\":[\"" + m_live.back().id + "\"]}", text);
    EXPECT_EQ(m_live.back().socket.readMessage(), text);
    if (m_live.size() <= 20)
        return;
    if (opened % 2 == 0)
        m_live.front().socket.sendClose(1000);
    else
        m_live.front().socket.connection().reset();
    m_live.pop_front();
}

std::string Hostility::messagePostText(const std::string &body) const
{
    const HttpRequest post{"POST", "/v1/messages", {{"Authorization", "Bearer " + m_backend.bearer()}}, body};
    return httpText(post, m_backend.endpoint());
}

void Administration::step()
{
    const std::string turn = std::to_string(++m_turn);
    EXPECT_EQ(m_backend.call("PUT", "/configuration", R"({"name":"turn )" + turn + "\"}").status, 200);
    EXPECT_EQ(m_backend.call("PUT", "/configuration", R"({"limits":{"sokets":1}})").status, 422);
    echo();
    EXPECT_EQ(m_backend.call("DELETE", "/sockets?user=nobody").status, 200);
    changes += 3;
}

void Administration::echo()
{
    const std::string id = "echo" + std::to_string(m_turn % 3);
    const HttpAnswer made = m_operator.post(
        "/gateways", "{\"id\":\"" + id + R"(","accessControl":"custom","clientMessages":"echo"})");
    ASSERT_EQ(made.status, 201) << made.body;
    GatewayApi own(m_backend.endpoint(), "/v1/gateways/" + id, JsonView(made.body).string("/securityToken"));
    OpenSocket open = own.open({"echo"}, shortLived);
    for (int i = 0; i < 20; ++i) {
        const std::string text(size_t(i) * 97, 'e');
        open.socket.sendText(text);
        EXPECT_EQ(open.socket.readMessage(), text);
    }
    EXPECT_EQ(m_operator.call("POST", "/gateways/" + id + "/security_token").status, 201);
    EXPECT_EQ(m_operator.call("DELETE", "/gateways/" + id).status, 200);
    EXPECT_EQ(open.socket.readClose(), 1001);
}

} // namespace mws::test
