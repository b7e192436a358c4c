#include "mws/base/secret.h"

#include <QByteArray>
#include <algorithm>
#include <memory>
#include <openssl/evp.h>

namespace mws {

namespace {

struct Release
{
    void operator()(EVP_MD *digest) const { EVP_MD_free(digest); }
    void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
};

/// SHA-256 by OpenSSL, which is asked for it only once: that takes longer than the digest of a token.
/// Thread: one at a time.
class Sha256
{
public:
    bool digest(std::string_view text, std::array<uint8_t, 32> &out)
    {
        EVP_MD_CTX *context = m_context.get();
        return context && EVP_DigestInit_ex2(context, m_digest.get(), nullptr) == 1 &&
               EVP_DigestUpdate(context, text.data(), text.size()) == 1 &&
               EVP_DigestFinal_ex(context, out.data(), nullptr) == 1;
    }

private:
    std::unique_ptr<EVP_MD, Release> m_digest{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
    std::unique_ptr<EVP_MD_CTX, Release> m_context{EVP_MD_CTX_new()};
};

} // namespace

SecretDigest::SecretDigest(std::string_view secret)
{
    static thread_local Sha256 sha256;
    if (!sha256.digest(secret, m_digest))
        m_digest.fill(0); // which matches nothing
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
