#include "api/socket_request.h"

#include "base/number_text.h"
#include "domain/tag_rules.h"

#include <algorithm>

namespace mws {

namespace {

constexpr size_t maxUserBytes = 256;
constexpr int maxExpirySeconds = 24 * 60 * 60;

bool readTags(std::string_view property, JsonValue &value, std::vector<Tag> &tags)
{
    if (value.kind() == JsonKind::Null)
        return true;
    if (value.kind() != JsonKind::Array)
        return value.refuse(std::string(property), "Must be a list of strings");
    return value.eachElement([&](size_t index, JsonValue &item) {
        std::optional<std::string_view> text;
        if (item.kind() == JsonKind::Number) {
            text = item.readText();
        } else if (item.kind() == JsonKind::String) {
            if (const auto string = item.readString())
                text = string->value;
        } else {
            return item.refuse(std::string(property) + "[" + std::to_string(index) + "]", "Must be a string");
        }
        if (text && std::find(tags.begin(), tags.end(), *text) == tags.end())
            tags.emplace_back(*text);
        return text.has_value();
    });
}

bool readUser(JsonValue &value, std::string &user)
{
    const auto string = value.kind() == JsonKind::String ? value.readString() : JsonValue::String();
    if (!string)
        return false;
    if (string->value.empty() || string->value.size() > maxUserBytes)
        return value.refuse("user", "Must be a string of 1 to " + std::to_string(maxUserBytes) + " bytes");
    user = string->value;
    return true;
}

bool readClientMessages(JsonValue &value, ClientMessages ofGateway, std::optional<ClientMessages> &policy)
{
    const auto string = value.kind() == JsonKind::String ? value.readString() : JsonValue::String();
    if (!string)
        return false;
    policy = clientMessagesNamed(string->value);
    if (!policy)
        return value.refuse("clientMessages",
                            "Must be \"ignore\", \"echo\", \"relay\", \"publish\" or \"webhook\"");
    if (!mayNarrow(ofGateway, *policy))
        return value.refuse("clientMessages", "The gateway says \"" + std::string(nameOf(ofGateway)) +
                                                  "\"; a socket may do the same or less");
    return true;
}

bool readExpiry(JsonValue &value, std::optional<std::chrono::seconds> &expiry)
{
    const auto text = value.kind() == JsonKind::Number ? value.readText() : std::string_view();
    if (!text)
        return false;
    const auto seconds = numberOf<int>(*text);
    if (!seconds || *seconds < 1 || *seconds > maxExpirySeconds)
        return value.refuse("expiresIn", "Must be a whole number of seconds from 1 to " +
                                             std::to_string(maxExpirySeconds));
    expiry = std::chrono::seconds(*seconds);
    return true;
}

bool readReuse(JsonValue &value, std::optional<bool> &reuse)
{
    if (value.kind() != JsonKind::Boolean)
        return value.refuse("reuse", "Must be true or false");
    const auto text = value.readText();
    if (text)
        reuse = *text == "true";
    return text.has_value();
}

} // namespace

Result<SocketRequest> SocketRequestParser::parse(std::string_view body, const GatewaySettings &settings)
{
    SocketRequest request;
    if (body.find_first_not_of(" \t\r\n") == body.npos)
        return request;
    const Result<void> read = m_reader.readObject(body, [&](std::string_view key, JsonValue &value) {
        if (key == "tags")
            return readTags(key, value, request.tags);
        if (value.kind() == JsonKind::Null)
            return true;
        if (key == "user")
            return readUser(value, request.user);
        if (key == "clientMessages")
            return readClientMessages(value, settings.clientMessages, request.clientMessages);
        if (key == "expiresIn")
            return readExpiry(value, request.expiresIn);
        return key != "reuse" || readReuse(value, request.reuse);
    });
    if (!read)
        return Unexpected(read.error());
    if (const Result<void> checked = checkTags(request.tags, settings.limits, "tags"); !checked)
        return Unexpected(checked.error());
    return request;
}

Result<TagChange> SocketRequestParser::parseChange(std::string_view body, const Limits &limits)
{
    TagChange change;
    const Result<void> read = m_reader.readObject(body, [&](std::string_view key, JsonValue &value) {
        if (key == "addTags")
            return readTags(key, value, change.add);
        return key != "removeTags" || readTags(key, value, change.remove);
    });
    if (!read)
        return Unexpected(read.error());
    if (const Result<void> checked = checkTags(change.add, limits, "addTags"); !checked)
        return Unexpected(checked.error());
    return change;
}

} // namespace mws
