#pragma once

#include "json/json_reader.h"

#include <string>
#include <string_view>

namespace mws {

/// Understands what Enginio posts to a webhook (CONTRACT.md "The Enginio receiver"), in the three shapes that
/// it and its documentation used.
/// Thread: one at a time.
class EnginioReceiver
{
public:
    explicit EnginioReceiver(size_t jsonDepth = 64);

    /// The body as one of POST messages, `{"data": …, "receivers": …}`, to be parsed by MessageParser. The
    /// payload is `data`: a text stays a text, an object stays an object with its keys in their order.
    /// Errors: InvalidData with the property, as it is named in `body`.
    Result<std::string> messageBody(std::string_view body);

private:
    struct Parts;
    Result<std::string> fromPayload(const Parts &parts);
    Result<std::string> fromBareObject(const Parts &parts, std::string_view body);
    bool readPart(std::string_view key, JsonValue &value, Parts &parts);
    bool readPayload(JsonValue &value, Parts &parts);
    bool readReceivers(JsonValue &value, Parts &parts);
    bool readReceiver(size_t index, JsonValue &value, Parts &parts);

    JsonReader m_reader;
    JsonReader m_payloadReader; ///< for a payload that is a JSON text inside the JSON
};

} // namespace mws
