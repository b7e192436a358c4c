#include "token/webhook_signature.h"

#include "token/hmac_sha256.h"

#include <QByteArray>

namespace mws {

namespace {

constexpr std::string_view prefix = "whsec_";
constexpr qsizetype leastBytes = 24;
constexpr qsizetype mostBytes = 64;

} // namespace

std::optional<std::string> webhookKey(std::string_view secret)
{
    if (!secret.starts_with(prefix))
        return std::nullopt;
    secret.remove_prefix(prefix.size());
    const auto decoded =
        QByteArray::fromBase64Encoding(QByteArray(secret.data(), qsizetype(secret.size())),
                                       QByteArray::Base64Encoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || decoded.decoded.size() < leastBytes || decoded.decoded.size() > mostBytes)
        return std::nullopt;
    return decoded.decoded.toStdString();
}

std::string webhookSignature(const std::vector<std::string> &secrets, std::string_view id,
                             std::string_view timestamp, std::string_view body)
{
    std::string content;
    content.reserve(id.size() + timestamp.size() + body.size() + 2);
    content.append(id).append(1, '.').append(timestamp).append(1, '.').append(body);
    HmacSha256 hmac;
    std::string signatures;
    for (const std::string &secret : secrets) {
        const std::optional<std::string> key = webhookKey(secret);
        const auto code = key ? hmac.of(*key, content) : std::nullopt;
        if (!code)
            continue;
        const QByteArray bytes(reinterpret_cast<const char *>(code->data()), qsizetype(code->size()));
        signatures += (signatures.empty() ? "v1," : " v1,") + bytes.toBase64().toStdString();
    }
    return signatures;
}

} // namespace mws
