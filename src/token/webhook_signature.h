#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// The key that a secret of the Standard Webhooks specification stands for: `whsec_` and base64 of 24 to 64
/// bytes. Nothing if it is not that.
std::optional<std::string> webhookKey(std::string_view secret);

/// The value of `webhook-signature` (Standard Webhooks 1.0.0, "Signature scheme"): a `v1` signature by each
/// secret in their order, separated by spaces. `timestamp` is in seconds since 1970. Empty if no secret is
/// one.
std::string webhookSignature(const std::vector<std::string> &secrets, std::string_view id,
                             std::string_view timestamp, std::string_view body);

} // namespace mws
