#pragma once

#include "mws/base/result.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace mws {

/// A reference to something callable that outlives the call, without the allocation of a std::function.
template <typename Signature>
class FunctionRef;

template <typename Return, typename... Arguments>
class FunctionRef<Return(Arguments...)>
{
public:
    template <typename Callable>
    requires(!std::is_same_v<std::remove_cvref_t<Callable>, FunctionRef>) FunctionRef(Callable &&callable)
        : m_callable(const_cast<void *>(static_cast<const void *>(&callable))),
          m_call([](void *target, Arguments... arguments) -> Return {
              return (*static_cast<std::remove_reference_t<Callable> *>(target))(
                  std::forward<Arguments>(arguments)...);
          })
    {}
    Return operator()(Arguments... arguments) const
    {
        return m_call(m_callable, std::forward<Arguments>(arguments)...);
    }

private:
    void *m_callable;
    Return (*m_call)(void *, Arguments...);
};

enum class JsonKind { Null, Boolean, Number, String, Array, Object, Broken };

class JsonReader;

/// One value of the JSON text that a JsonReader is reading. Read it once, by one of its functions; what is
/// not read is checked all the same. What returns false or nothing has told the reader why: give up at once.
class JsonValue
{
public:
    struct String
    {
        std::string_view value; ///< unescaped; valid until the reader reads another text
        std::string_view text;  ///< as written, quotes included
    };
    using ElementHandler = FunctionRef<bool(size_t, JsonValue &)>;
    using FieldHandler = FunctionRef<bool(std::string_view, JsonValue &)>;

    JsonKind kind() const { return m_kind; }
    /// Precondition: kind() is String.
    std::optional<String> readString();
    /// The value's own text, checked to its end; white space inside is left in. May be asked for after one of
    /// the others, too.
    std::optional<std::string_view> readText();
    /// Precondition: kind() is Array.
    bool eachElement(ElementHandler handler);
    /// Precondition: kind() is Object. Keys are unescaped, in order, and may come twice.
    bool eachField(FieldHandler handler);
    /// Ends the reading with InvalidData. Answers false.
    bool refuse(std::string property, std::string message);

private:
    friend class JsonReader;
    JsonValue(JsonReader &reader, void *value, int depth);
    bool check();
    bool endText();

    JsonReader &m_reader;
    void *m_value; ///< simdjson's value: its header is for the implementation only
    int m_depth;
    JsonKind m_kind;
    std::string_view m_text; ///< of an array or object once it was read
    bool m_read = false;
};

/// Reads JSON texts (RFC 8259) whose outermost value is an object, strictly and to the last byte: also what
/// nobody asks for. Numbers may be of any size. Keeps its buffers from text to text.
/// Thread: one at a time.
class JsonReader
{
public:
    /// Arrays and objects may be nested `maxDepth` deep.
    explicit JsonReader(size_t maxDepth = 64);
    ~JsonReader();
    JsonReader(JsonReader &&) noexcept;
    JsonReader &operator=(JsonReader &&) noexcept;

    /// Hands every field of the object to `handler`; true from it: go on. The text need not outlive the call,
    /// but views given by the values live until the next one.
    /// Errors: InvalidData; the property is empty and the message has the byte offset if it is not JSON.
    Result<void> readObject(std::string_view text, JsonValue::FieldHandler handler);

private:
    friend class JsonValue;
    bool eachFieldOf(void *object, int depth, JsonValue::FieldHandler handler);

    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// True if `text` is JSON whose outermost value is an object, within `maxDepth`.
bool isJsonObject(JsonReader &reader, std::string_view text);

/// Appends checked JSON text without the white space between its parts.
void appendMinified(std::string &out, std::string_view json);

/// Appends `text` as a JSON string, quotes included. Precondition: it is valid UTF-8.
void appendJsonString(std::string &out, std::string_view text);

bool isUtf8(std::string_view text);

/// True for a number as RFC 8259 §6 writes it.
bool isJsonNumber(std::string_view text);

} // namespace mws
