#pragma once

#include "config/option.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mws {

/// Something that is no option's value: a table, a date, a fraction.
struct Unusable
{
    std::string description; ///< e.g. `a table`
    friend bool operator==(const Unusable &, const Unusable &) = default;
};

/// A value as it was found in the file, in a variable or in JSON.
using RawValue = std::variant<Unusable, bool, int64_t, std::string, std::vector<std::string>>;

/// Why a value cannot be an option's.
struct ValueProblem
{
    std::string text;           ///< `expected an integer from 0 to 65535, found "abc"`; no secret in it
    std::optional<size_t> item; ///< which one of a list
};

/// Reads a variable's text as the option's type asks: numbers, true/false/yes/no/on/off/1/0, lists separated
/// by commas. What does not look like that stays a text, for assign() to refuse.
RawValue rawFromText(const Option &option, std::string_view text);

/// Checks `raw` and puts it into the option's slot; on a problem the slot stays as it was.
std::optional<ValueProblem> assign(const Option &option, const Slot &slot, const RawValue &raw);

/// What the option takes, e.g. `an integer from 0 to 65535`.
std::string expectation(const Option &option);

/// The slot's value as it would stand in the file; of a secret just `(set)` or `(not set)`.
std::string shownValue(const Option &option, const Slot &slot);

/// `text` as a TOML and JSON string, control characters escaped.
std::string quotedText(std::string_view text);

} // namespace mws
