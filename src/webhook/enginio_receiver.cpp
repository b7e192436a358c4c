#include "webhook/enginio_receiver.h"

#include <vector>

namespace mws {

/// What one reading of the body has found.
struct EnginioReceiver::Parts
{
    std::string payload; ///< minified, as written; empty: none
    bool hasObject = false;
    bool hasMeta = false;
    bool hasData = false;
    bool hasReceivers = false;
    bool hasReceiverList = false;
    bool everyone = false;
    std::vector<std::string> tags;
};

namespace {

std::string messageText(std::string_view data, bool everyone, const std::vector<std::string> &tags)
{
    std::string text = "{\"data\":";
    text.append(data).append(",\"receivers\":{\"sockets\":").append(everyone ? "[\"*\"]" : "null");
    text.append(",\"tags\":");
    if (tags.empty()) {
        text.append("null}}");
        return text;
    }
    char separator = '[';
    for (const std::string &tag : tags) {
        text.push_back(separator);
        appendJsonString(text, tag);
        separator = ',';
    }
    text.append("]}}");
    return text;
}

bool refuseTwice(JsonValue &value, std::string_view key)
{
    return value.refuse(std::string(key), "Stands there twice");
}

} // namespace

EnginioReceiver::EnginioReceiver(size_t jsonDepth) : m_reader(jsonDepth), m_payloadReader(jsonDepth) {}

Result<std::string> EnginioReceiver::messageBody(std::string_view body)
{
    Parts parts;
    const Result<void> read = m_reader.readObject(body, [&](std::string_view key, JsonValue &value) {
        if (key == "payload")
            return readPayload(value, parts);
        if (key == "receivers")
            return readReceivers(value, parts);
        if (key == "data")
            parts.hasData = true;
        else if (key == "object" && std::exchange(parts.hasObject, true))
            return refuseTwice(value, key);
        else if (key == "meta" && std::exchange(parts.hasMeta, true))
            return refuseTwice(value, key);
        if ((key == "object" || key == "meta") && value.kind() != JsonKind::Object && !parts.hasData &&
            parts.payload.empty())
            return value.refuse(std::string(key), "Must be an object");
        return true;
    });
    if (!read)
        return Unexpected(read.error());
    if (!parts.payload.empty())
        return fromPayload(parts);
    if (parts.hasData)
        return std::string(body);
    return fromBareObject(parts, body);
}

Result<std::string> EnginioReceiver::fromPayload(const Parts &parts)
{
    if (!parts.hasReceiverList)
        return Unexpected(ErrorCode::InvalidData, "Must be a list of {\"id\", \"objectType\"}", "receivers");
    return messageText(parts.payload, parts.everyone, parts.tags);
}

Result<std::string> EnginioReceiver::fromBareObject(const Parts &parts, std::string_view body)
{
    if (parts.hasObject && parts.hasMeta) {
        std::string data;
        appendMinified(data, body);
        return messageText(data, true, {});
    }
    if (parts.hasObject || parts.hasMeta)
        return Unexpected(ErrorCode::InvalidData, "Is missing", parts.hasObject ? "meta" : "object");
    return Unexpected(ErrorCode::InvalidData, "Is missing", "payload");
}

bool EnginioReceiver::readPayload(JsonValue &value, Parts &parts)
{
    if (!parts.payload.empty())
        return refuseTwice(value, "payload");
    if (value.kind() == JsonKind::Object) {
        if (const auto text = value.readText()) {
            appendMinified(parts.payload, *text);
            return true;
        }
        return false;
    }
    if (value.kind() != JsonKind::String)
        return value.refuse("payload", "Must be an object or its JSON text");
    const auto string = value.readString();
    if (!string)
        return false;
    if (!isJsonObject(m_payloadReader, string->value))
        return value.refuse("payload", "The text is not that of a JSON object");
    parts.payload = string->text;
    return true;
}

bool EnginioReceiver::readReceivers(JsonValue &value, Parts &parts)
{
    if (std::exchange(parts.hasReceivers, true))
        return refuseTwice(value, "receivers");
    if (value.kind() != JsonKind::Array)
        return true; // right for the second shape, whose reader checks it
    parts.hasReceiverList = true;
    return value.eachElement([&](size_t index, JsonValue &item) { return readReceiver(index, item, parts); });
}

bool EnginioReceiver::readReceiver(size_t index, JsonValue &value, Parts &parts)
{
    const std::string property = "receivers[" + std::to_string(index) + "]";
    if (value.kind() != JsonKind::Object)
        return value.refuse(property, "Must be an object with id and objectType");
    std::string id;
    std::string type;
    const bool read = value.eachField([&](std::string_view key, JsonValue &field) {
        if (key != "id" && key != "objectType")
            return true;
        if (field.kind() != JsonKind::String)
            return field.refuse(property + "." + std::string(key), "Must be a string");
        const auto string = field.readString();
        if (string)
            (key == "id" ? id : type) = string->value;
        return string.has_value();
    });
    if (!read)
        return false;
    if (id.empty())
        return value.refuse(property + ".id", "Is missing");
    if (type.empty())
        return value.refuse(property + ".objectType", "Is missing");
    if (type == "aclSubject" && id == "*")
        parts.everyone = true;
    else
        parts.tags.push_back(type + "." + id);
    return true;
}

} // namespace mws
