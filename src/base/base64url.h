#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mws {

/// The bytes of base64url without padding (RFC 7515 §2), in the one form that stands for them: no other
/// character, no `=`, no length that cannot be, and no bits set behind the last byte. Empty for an empty
/// text. Thread: any.
std::optional<std::string> decodeBase64Url(std::string_view text);

/// `bytes` as base64url without padding. Thread: any.
std::string encodeBase64Url(std::string_view bytes);

} // namespace mws
