#include "redis/redis_script.h"

#include <QCryptographicHash>

namespace mws {

RedisScript::RedisScript(std::string source)
{
    const QByteArray digest =
        QCryptographicHash::hash(QByteArray::fromStdString(source), QCryptographicHash::Sha1);
    m_text = std::make_shared<const Text>(Text{std::move(source), digest.toHex().toStdString()});
}

} // namespace mws
