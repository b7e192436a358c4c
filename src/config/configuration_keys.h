#pragma once

#include <string>

namespace mws {

/// The keys of PUT configuration as a form needs them, made from the option table: a JSON list of
/// `{"key" (e.g. limits.queueBytes),"type" (text, word, flag, number, list),"sentence"}` and, where there are
/// any,
/// `"min"`, `"max"`, `"unit"` (bytes, seconds), `"words"`, `"default"` and `"secret": true`. Numbers are in
/// the unit that PUT configuration takes them in.
std::string configurationKeysJson();

} // namespace mws
