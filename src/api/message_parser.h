#pragma once

#include "mws/base/result.h"
#include "mws/domain/limits.h"
#include "mws/domain/message.h"
#include "json/json_reader.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// A message of POST messages and what the 201 answers.
struct ParsedMessage
{
    Message message;
    std::string answer; ///< `{"data":…,"receivers":{"sockets":…,"tags":…}}`, compact
};

/// Reads the body of POST messages (CONTRACT.md "REST"). Keeps its buffers from message to message.
/// Thread: one at a time.
class MessageParser
{
public:
    explicit MessageParser(size_t jsonDepth = 64);

    /// Errors: InvalidData with the property; none where the body is not JSON.
    Result<ParsedMessage> parse(std::string_view body, const Limits &limits);

    /// The texts of the messages in `{"messages": […]}`, each to be parsed alone, so that a bad one stops
    /// none of the others. They are valid until the next split. Errors: InvalidData for what is no JSON, no
    /// such list, or more than Limits::messagesPerBatch.
    Result<std::span<const std::string_view>> splitBatch(std::string_view body, const Limits &limits);

private:
    struct Draft;
    enum class List { Sockets, Tags, Exclude };
    bool readField(std::string_view key, JsonValue &value, Draft &draft);
    bool readData(JsonValue &value, Draft &draft);
    bool readReceivers(JsonValue &value, Draft &draft);
    bool readList(std::string_view key, JsonValue &value, Draft &draft);
    bool readReceiver(List list, size_t index, JsonValue &item, Draft &draft);
    bool readTtl(JsonValue &value, Draft &draft);
    bool readId(JsonValue &value, Draft &draft);
    bool readEncoding(JsonValue &value, Draft &draft);
    static Result<ParsedMessage> finish(Draft &draft);

    JsonReader m_reader;
    JsonReader m_batchReader;
    std::vector<std::string_view> m_batch;
};

} // namespace mws
