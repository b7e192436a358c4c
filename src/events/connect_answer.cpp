#include "events/connect_answer.h"

#include "domain/tag_rules.h"
#include "json/json_reader.h"

namespace mws {

namespace {

constexpr size_t longestUser = 1024;
constexpr size_t maxDepth = 16;

bool readUser(JsonValue &value, ConnectAnswer &answer)
{
    if (value.kind() != JsonKind::String)
        return value.refuse("user", "Must be a string");
    const auto text = value.readString();
    if (!text)
        return false;
    if (text->value.empty() || text->value.size() > longestUser)
        return value.refuse("user", "Must have 1 to 1024 bytes");
    answer.user = std::string(text->value);
    return true;
}

bool readTags(JsonValue &value, ConnectAnswer &answer, const Limits &limits)
{
    if (value.kind() != JsonKind::Array)
        return value.refuse("tags", "Must be an array of strings");
    std::vector<Tag> tags;
    const bool read = value.eachElement([&](size_t index, JsonValue &element) {
        if (element.kind() != JsonKind::String || index >= limits.tagsPerSocket)
            return element.refuse("tags", "Must be an array of strings, and not too many");
        const auto text = element.readString();
        if (text)
            tags.emplace_back(text->value);
        return text.has_value();
    });
    if (!read)
        return false;
    if (const Result<void> good = checkTags(tags, limits, "tags"); !good)
        return value.refuse(good.error().property, std::string(good.error().message()));
    answer.tags = std::move(tags);
    return true;
}

Result<ConnectAnswer> readBody(const std::string &body, const Limits &limits)
{
    ConnectAnswer answer;
    JsonReader reader(maxDepth);
    const Result<void> read = reader.readObject(body, [&](std::string_view name, JsonValue &value) {
        if (name == "user" && value.kind() != JsonKind::Null)
            return readUser(value, answer);
        if (name == "tags" && value.kind() != JsonKind::Null)
            return readTags(value, answer, limits);
        return true;
    });
    if (read)
        return answer;
    const Error &error = read.error();
    return Unexpected(ErrorCode::Unavailable, "its answer cannot be used: " + error.property +
                                                  (error.property.empty() ? "" : ": ") +
                                                  std::string(error.message()));
}

} // namespace

Result<ConnectAnswer> readConnectAnswer(const HttpReply &reply, const Limits &limits)
{
    const int status = reply.status;
    if (status >= 400 && status <= 499 && status != 408 && status != 429)
        return Unexpected(ErrorCode::AccessDenied, "The backend refused the connection");
    if (status < 200 || status > 299)
        return Unexpected(ErrorCode::Unavailable,
                          status == 0 ? reply.failure : "its answer was " + std::to_string(status));
    if (!reply.isWhole)
        return Unexpected(ErrorCode::Unavailable, reply.failure);
    return reply.body.empty() ? ConnectAnswer() : readBody(reply.body, limits);
}

} // namespace mws
