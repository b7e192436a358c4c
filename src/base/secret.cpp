#include "mws/base/secret.h"

#include <QByteArray>
#include <QCryptographicHash>
#include <algorithm>

namespace mws {

SecretDigest::SecretDigest(std::string_view secret)
{
    const QByteArray digest = QCryptographicHash::hash(
        QByteArray::fromRawData(secret.data(), qsizetype(secret.size())), QCryptographicHash::Sha256);
    std::copy_n(reinterpret_cast<const uint8_t *>(digest.constData()), m_digest.size(), m_digest.begin());
}

SecretDigest SecretDigest::fromHex(std::string_view hex)
{
    SecretDigest result;
    const QByteArray text(hex.data(), qsizetype(hex.size()));
    const QByteArray bytes = QByteArray::fromHex(text);
    if (hex.size() == 2 * result.m_digest.size() && bytes.toHex() == text.toLower())
        std::copy_n(reinterpret_cast<const uint8_t *>(bytes.constData()), result.m_digest.size(),
                    result.m_digest.begin());
    return result;
}

bool SecretDigest::matches(std::string_view candidate) const
{
    const SecretDigest other(candidate);
    unsigned difference = empty() ? 1 : 0;
    for (size_t i = 0; i < m_digest.size(); ++i)
        difference |= unsigned(m_digest[i] ^ other.m_digest[i]);
    return difference == 0;
}

std::string SecretDigest::hex() const
{
    return QByteArray::fromRawData(reinterpret_cast<const char *>(m_digest.data()),
                                   qsizetype(m_digest.size()))
        .toHex()
        .toStdString();
}

bool SecretDigest::empty() const
{
    return std::all_of(m_digest.begin(), m_digest.end(), [](uint8_t byte) { return byte == 0; });
}

} // namespace mws
