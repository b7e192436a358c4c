#include "hot_paths.h"
#include "measured.h"

namespace mws::micro {

namespace {

std::string dataOf(size_t bytes)
{
    constexpr std::string_view sample =
        R"({\"event\":\"moved\",\"id\":4711,\"x\":12.5,\"y\":-3,\"who\":\"Ren\u00e9e\"},)";
    std::string data;
    while (data.size() + sample.size() <= bytes)
        data.append(sample);
    return data.append(bytes - data.size(), 'x');
}

std::string bodyOf(size_t dataBytes)
{
    return R"({"data":")" + dataOf(dataBytes) + R"(","receivers":{"tags":["t1"]}})";
}

} // namespace

Messages::Messages(size_t dataBytes, size_t batch) : m_body(bodyOf(dataBytes)), m_batch(batch)
{
    m_batchBody = R"({"messages":[)" + m_body;
    for (size_t i = 1; i < batch; ++i)
        m_batchBody.append(",").append(m_body);
    m_batchBody += "]}";
}

void Messages::parse()
{
    const auto parsed = m_parser.parse(m_body, m_limits);
    require(parsed && parsed->message.receivers.tags.size() == 1, "the message was not taken");
    keep(*parsed);
}

void Messages::parseBatch()
{
    const auto parts = m_parser.splitBatch(m_batchBody, m_limits);
    require(parts && parts->size() == m_batch, "the batch was not taken");
    for (const std::string_view part : *parts) {
        const auto parsed = m_parser.parse(part, m_limits);
        require(parsed.has_value(), "a message of the batch was not taken");
        keep(*parsed);
    }
}

} // namespace mws::micro
