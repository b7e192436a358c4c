#include "api/message_parser.h"

#include <QByteArray>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace mws {

/// What one reading of a message has found. The views point into the reader's buffers.
struct MessageParser::Draft
{
    explicit Draft(const Limits &messageLimits) : limits(messageLimits) {}

    const Limits &limits;
    ParsedMessage parsed;
    std::string_view data;                 ///< as written
    std::array<std::string_view, 3> lists; ///< of the receivers, as written; empty: absent
    std::string_view dataText;             ///< unescaped, where `data` is a string
    bool dataIsString = false;
    bool hasReceivers = false;
    bool hasTtl = false;
    bool hasId = false;
    bool hasEncoding = false;
    bool base64 = false;
    size_t receivers = 0;
};

namespace {

constexpr size_t maxIdBytes = 128;
constexpr double maxTtlMilliseconds = 1e12; ///< about 30 years: for ever

Unexpected missing(const char *property)
{
    return Unexpected(ErrorCode::InvalidData, "Is required", property);
}

constexpr std::array<std::string_view, 3> listNames{"sockets", "tags", "exclude"};

std::optional<std::string> decodeBase64(std::string_view text)
{
    if (text.size() % 4 != 0) // Qt does without the padding
        return std::nullopt;
    auto result =
        QByteArray::fromBase64Encoding(QByteArray::fromRawData(text.data(), qsizetype(text.size())),
                                       QByteArray::Base64Encoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!result)
        return std::nullopt;
    return result.decoded.toStdString();
}

bool refuseTwice(JsonValue &value, std::string property)
{
    return value.refuse(std::move(property), "Stands there twice");
}

void appendOrNull(std::string &out, std::string_view json)
{
    if (json.empty())
        out.append("null");
    else
        appendMinified(out, json);
}

std::optional<std::chrono::milliseconds> ttlOf(std::string_view number)
{
    if (number.empty() || number.starts_with('-'))
        return std::nullopt;
    double seconds = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), seconds);
    if (error == std::errc() && seconds == 0)
        return std::nullopt;
    if (error == std::errc::result_out_of_range) // 1e999 or 1e-999
        seconds =
            number.find("e-") == number.npos && number.find("E-") == number.npos ? maxTtlMilliseconds : 0;
    const double milliseconds = std::clamp(std::ceil(seconds * 1000), 1.0, maxTtlMilliseconds);
    return std::chrono::milliseconds(int64_t(milliseconds));
}

} // namespace

MessageParser::MessageParser(size_t jsonDepth) : m_reader(jsonDepth), m_batchReader(jsonDepth) {}

Result<ParsedMessage> MessageParser::parse(std::string_view body, const Limits &limits)
{
    Draft draft(limits);
    const Result<void> read = m_reader.readObject(
        body, [&](std::string_view key, JsonValue &value) { return readField(key, value, draft); });
    if (!read)
        return Unexpected(read.error());
    return finish(draft);
}

bool MessageParser::readField(std::string_view key, JsonValue &value, Draft &draft)
{
    if (key == "data")
        return readData(value, draft);
    if (key == "receivers")
        return readReceivers(value, draft);
    if (key == "ttl")
        return readTtl(value, draft);
    if (key == "id")
        return readId(value, draft);
    if (key == "encoding")
        return readEncoding(value, draft);
    return true;
}

bool MessageParser::readData(JsonValue &value, Draft &draft)
{
    if (!draft.data.empty())
        return refuseTwice(value, "data");
    if (value.kind() == JsonKind::Null)
        return value.refuse("data", "Must not be null");
    if (value.kind() == JsonKind::String) {
        const auto string = value.readString();
        if (!string)
            return false;
        draft.data = string->text;
        draft.dataText = string->value;
        draft.dataIsString = true;
        return true;
    }
    const auto text = value.readText();
    if (text)
        draft.data = *text;
    return text.has_value();
}

bool MessageParser::readReceivers(JsonValue &value, Draft &draft)
{
    if (std::exchange(draft.hasReceivers, true))
        return refuseTwice(value, "receivers");
    if (value.kind() != JsonKind::Object)
        return value.refuse("receivers", "Must be an object");
    return value.eachField([&](std::string_view key, JsonValue &field) {
        return (key != "sockets" && key != "tags" && key != "exclude") || readList(key, field, draft);
    });
}

bool MessageParser::readList(std::string_view key, JsonValue &value, Draft &draft)
{
    const List list = key == "tags" ? List::Tags : key == "exclude" ? List::Exclude : List::Sockets;
    std::string_view &text = draft.lists[size_t(list)];
    if (!text.empty())
        return refuseTwice(value, "receivers." + std::string(key));
    if (value.kind() != JsonKind::Array && value.kind() != JsonKind::Null)
        return value.refuse("receivers." + std::string(key), "Must be a list of strings");
    if (value.kind() == JsonKind::Array && !value.eachElement([&](size_t index, JsonValue &item) {
            return readReceiver(list, index, item, draft);
        }))
        return false;
    const auto written = value.readText();
    if (written)
        text = *written;
    return written.has_value();
}

bool MessageParser::readReceiver(List list, size_t index, JsonValue &item, Draft &draft)
{
    const auto property = [&] {
        return "receivers." + std::string(listNames[size_t(list)]) + "[" + std::to_string(index) + "]";
    };
    if (item.kind() != JsonKind::String)
        return item.refuse(property(), "Must be a string");
    const auto string = item.readString();
    if (!string)
        return false;
    const Limits &limits = draft.limits;
    if (++draft.receivers > limits.receiversPerMessage)
        return item.refuse("receivers",
                           "More than " + std::to_string(limits.receiversPerMessage) + " ids and tags");
    Receivers &receivers = draft.parsed.message.receivers;
    if (list == List::Sockets && string->value == "*") {
        receivers.everyone = true;
        return true;
    }
    if (list == List::Tags && string->value.empty())
        return item.refuse(property(), "A tag must not be empty");
    if (list == List::Tags && string->value.size() > limits.tagLength)
        return item.refuse(property(), "Longer than " + std::to_string(limits.tagLength) + " bytes");
    auto &target = list == List::Tags      ? receivers.tags
                   : list == List::Exclude ? receivers.excluded
                                           : receivers.sockets;
    target.emplace_back(string->value);
    return true;
}

bool MessageParser::readTtl(JsonValue &value, Draft &draft)
{
    if (std::exchange(draft.hasTtl, true))
        return refuseTwice(value, "ttl");
    if (value.kind() == JsonKind::Null)
        return true;
    const auto text = value.kind() == JsonKind::Number ? value.readText() : std::string_view();
    if (!text)
        return false;
    draft.parsed.message.ttl = ttlOf(*text);
    return draft.parsed.message.ttl || value.refuse("ttl", "Must be a number of seconds above 0");
}

bool MessageParser::readId(JsonValue &value, Draft &draft)
{
    if (std::exchange(draft.hasId, true))
        return refuseTwice(value, "id");
    if (value.kind() == JsonKind::Null)
        return true;
    const auto string = value.kind() == JsonKind::String ? value.readString() : JsonValue::String();
    if (!string)
        return false;
    if (string->value.empty() || string->value.size() > maxIdBytes)
        return value.refuse("id", "Must be a string of 1 to " + std::to_string(maxIdBytes) + " bytes");
    draft.parsed.message.idempotencyId = string->value;
    return true;
}

bool MessageParser::readEncoding(JsonValue &value, Draft &draft)
{
    if (std::exchange(draft.hasEncoding, true))
        return refuseTwice(value, "encoding");
    if (value.kind() == JsonKind::Null)
        return true;
    const auto string = value.kind() == JsonKind::String ? value.readString() : JsonValue::String();
    if (!string)
        return false;
    draft.base64 = string->value == "base64";
    return draft.base64 || value.refuse("encoding", "Only \"base64\" is known");
}

Result<ParsedMessage> MessageParser::finish(Draft &draft)
{
    if (draft.data.empty())
        return missing("data");
    if (!draft.hasReceivers)
        return missing("receivers");
    Message &message = draft.parsed.message;
    if (draft.base64) {
        auto bytes = draft.dataIsString ? decodeBase64(draft.dataText) : std::nullopt;
        if (!bytes)
            return Unexpected(ErrorCode::InvalidData, "Is not base64 (RFC 4648 §4)", "data");
        message.payload = std::move(*bytes);
        message.type = PayloadType::Binary;
    } else if (draft.dataIsString) {
        message.payload = draft.dataText;
    } else {
        appendMinified(message.payload, draft.data);
    }
    std::string &answer = draft.parsed.answer;
    const std::string_view sockets = draft.lists[size_t(List::Sockets)];
    const std::string_view tags = draft.lists[size_t(List::Tags)];
    answer.reserve(draft.data.size() + sockets.size() + tags.size() + 64);
    answer.append("{\"data\":");
    if (draft.dataIsString)
        answer.append(draft.data);
    else
        appendMinified(answer, draft.data);
    answer.append(",\"receivers\":{\"sockets\":");
    appendOrNull(answer, sockets);
    answer.append(",\"tags\":");
    appendOrNull(answer, tags);
    answer.append("}}");
    return std::move(draft.parsed);
}

Result<std::span<const std::string_view>> MessageParser::splitBatch(std::string_view body,
                                                                    const Limits &limits)
{
    m_batch.clear();
    bool found = false;
    const auto readElement = [&](size_t, JsonValue &item) {
        if (m_batch.size() == limits.messagesPerBatch)
            return item.refuse("messages",
                               "More than " + std::to_string(limits.messagesPerBatch) + " messages");
        const auto text = item.readText();
        if (text)
            m_batch.push_back(*text);
        return text.has_value();
    };
    const Result<void> read = m_batchReader.readObject(body, [&](std::string_view key, JsonValue &value) {
        if (key != "messages")
            return true;
        if (std::exchange(found, true))
            return refuseTwice(value, "messages");
        if (value.kind() != JsonKind::Array)
            return value.refuse("messages", "Must be a list of messages");
        return value.eachElement(readElement);
    });
    if (!read)
        return Unexpected(read.error());
    if (!found)
        return missing("messages");
    return std::span<const std::string_view>(m_batch);
}

} // namespace mws
