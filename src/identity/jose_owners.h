#pragma once

#include <cjose/cjose.h>
#include <jansson.h>
#include <memory>
#include <optional>
#include <string_view>

namespace mws {

/// Gives back what cjose and jansson handed out.
struct JoseRelease
{
    void operator()(cjose_jwk_t *key) const { cjose_jwk_release(key); }
    void operator()(cjose_jws_t *signature) const { cjose_jws_release(signature); }
    void operator()(json_t *value) const { json_decref(value); }
};
using JoseSignature = std::unique_ptr<cjose_jws_t, JoseRelease>;
using JoseJson = std::unique_ptr<json_t, JoseRelease>;

/// Null if `json` is no object, or any object in it has a member twice, or a string has a NUL.
inline JoseJson parseJoseObject(std::string_view json)
{
    JoseJson value(json_loadb(json.data(), json.size(), JSON_REJECT_DUPLICATES, nullptr));
    return json_is_object(value.get()) ? std::move(value) : nullptr;
}

/// Nothing if `value` is null or no string.
inline std::optional<std::string_view> joseText(const json_t *value)
{
    if (!json_is_string(value))
        return std::nullopt;
    return std::string_view(json_string_value(value), json_string_length(value));
}

inline const uint8_t *joseBytes(std::string_view text)
{
    return reinterpret_cast<const uint8_t *>(text.data());
}

} // namespace mws
