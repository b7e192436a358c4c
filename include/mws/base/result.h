#pragma once

#include "mws/base/error.h"

#include <utility>
#include <variant>

namespace mws {

/// Marks the error alternative on the way into a Result, as std::unexpected does.
struct Unexpected
{
    explicit Unexpected(Error e) : error(std::move(e)) {}
    explicit Unexpected(ErrorCode code, std::string detail = {}, std::string property = {})
        : error{code, std::move(detail), std::move(property)}
    {}
    Error error;
};

/// A value or an Error. The member names are std::expected's, so that it can become that with C++23.
template <typename T>
class [[nodiscard]] Result
{
public:
    Result(T value) : m_state(std::in_place_index<0>, std::move(value)) {}
    Result(Unexpected unexpected) : m_state(std::in_place_index<1>, std::move(unexpected.error)) {}

    bool has_value() const { return m_state.index() == 0; }
    explicit operator bool() const { return has_value(); }

    /// Precondition for all of these: has_value().
    T &value() & { return *std::get_if<0>(&m_state); }
    const T &value() const & { return *std::get_if<0>(&m_state); }
    T &&value() && { return std::move(*std::get_if<0>(&m_state)); }
    T &operator*() & { return value(); }
    const T &operator*() const & { return value(); }
    T &&operator*() && { return std::move(*this).value(); }
    T *operator->() { return &value(); }
    const T *operator->() const { return &value(); }

    /// Precondition: !has_value().
    const Error &error() const { return *std::get_if<1>(&m_state); }

private:
    std::variant<T, Error> m_state;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void>
{
public:
    Result() = default;
    Result(Unexpected unexpected) : m_error(std::move(unexpected.error)), m_ok(false) {}

    bool has_value() const { return m_ok; }
    explicit operator bool() const { return m_ok; }
    const Error &error() const { return m_error; }

private:
    Error m_error;
    bool m_ok = true;
};

} // namespace mws
