#include "support/gateway_api.h"

#include <gtest/gtest.h>

namespace mws::test {

HttpAnswer GatewayApi::call(const std::string &method, const std::string &path, const std::string &body,
                            HttpHeaders headers)
{
    if (!m_bearer.empty())
        headers.emplace_back("Authorization", "Bearer " + m_bearer);
    return m_client.request(method, m_base + path, body, std::move(headers));
}

Issued GatewayApi::reserve(const std::vector<std::string> &tags, std::string_view more)
{
    std::string body = "{\"tags\":" + jsonStrings(tags);
    if (!more.empty())
        body.append(",").append(more);
    const HttpAnswer answer = post("/sockets", body + '}');
    EXPECT_EQ(answer.status, 201) << answer.body;
    const JsonView json(answer.body);
    return {json.string("/id"), json.string("/uri")};
}

RawWebSocket GatewayApi::openIssued(const Issued &issued, HttpHeaders headers)
{
    return RawWebSocket(m_client.endpoint(), issued.target(), std::move(headers));
}

OpenSocket GatewayApi::open(const std::vector<std::string> &tags, std::string_view more)
{
    const Issued issued = reserve(tags, more);
    OpenSocket result{issued.id, openIssued(issued)};
    EXPECT_EQ(result.socket.answer().status, 101) << result.socket.answer().body;
    return result;
}

HttpAnswer GatewayApi::sendTo(std::string_view receivers, std::string_view text)
{
    const std::string body =
        "{\"data\":" + jsonString(text) + ",\"receivers\":" + std::string(receivers) + '}';
    HttpAnswer answer = post("/messages", body);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer;
}

OpenSocket GatewayApi::openStalled(const std::vector<std::string> &tags)
{
    const Issued issued = reserve(tags);
    Endpoint to = endpoint();
    to.receiveBuffer = 4096;
    return {issued.id, RawWebSocket(to, issued.target())};
}

size_t GatewayApi::queuedBytes(const std::string &id)
{
    constexpr std::string_view member = "\"queuedBytes\":";
    const HttpAnswer answer = get("/sockets/" + id);
    const size_t at = answer.body.find(member);
    return at == answer.body.npos ? 0 : std::stoul(answer.body.substr(at + member.size()));
}

HttpAnswer GatewayApi::sendToTag(std::string_view tag, std::string_view text)
{
    return sendTo("{\"tags\":[" + jsonString(tag) + "]}", text);
}

std::vector<std::string> listedIds(const HttpAnswer &answer)
{
    EXPECT_EQ(answer.status, 200) << answer.body;
    const JsonView json(answer.body);
    std::vector<std::string> ids;
    for (int i = 0; i < json.size("/results"); ++i)
        ids.push_back(json.string("/results/" + std::to_string(i) + "/id"));
    return ids;
}

std::string errorReason(const HttpAnswer &answer)
{
    const JsonView json(answer.body);
    const std::string reason = json.string("/error/reason");
    return reason.empty() ? json.string("/errors/0/reason") : reason;
}

std::string errorProperty(const HttpAnswer &answer)
{
    return JsonView(answer.body).string("/errors/0/property");
}

std::string jsonStrings(const std::vector<std::string> &texts)
{
    std::string result = "[";
    for (const std::string &text : texts)
        result.append(result.size() > 1 ? "," : "").append(jsonString(text));
    return result + ']';
}

} // namespace mws::test
