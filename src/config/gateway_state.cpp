#include "config/gateway_state.h"

#include "config/option.h"

#include <QDateTime>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>
#include <QTimeZone>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/stat.h>

namespace mws {

namespace {

std::string timeText(WallTime time)
{
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
    return QDateTime::fromMSecsSinceEpoch(milliseconds, QTimeZone::utc()).toString(Qt::ISODate).toStdString();
}

QString qString(std::string_view text)
{
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

/// Reads the document and knows where in it it is.
class StateReader
{
public:
    StateReader(const QByteArray &json, std::string name) : m_json(json), m_name(std::move(name)) {}

    Result<StoredGateways> read()
    {
        QJsonParseError error;
        const QJsonDocument document = QJsonDocument::fromJson(m_json, &error);
        if (error.error != QJsonParseError::NoError)
            return notJson(error);
        QJsonObject root = document.object();
        const QJsonValue version = root.value(QLatin1String("version"));
        if (!document.isObject() || !version.isDouble())
            return refuse({"version"}, "expected a number: this is no gateway state");
        if (const Result<int> upgraded = upgradeJson(root, gatewayStateFormat); !upgraded)
            return refuse({"version"}, upgraded.error().detail);
        if (!root.value(QLatin1String("gateways")).isObject())
            return refuse({"gateways"}, "expected an object");
        StoredGateways gateways;
        const QJsonObject all = root.value(QLatin1String("gateways")).toObject();
        for (auto it = all.begin(); it != all.end(); ++it) {
            auto gateway = readGateway(it.key().toStdString(), it.value().toObject());
            if (!gateway)
                return Unexpected(gateway.error());
            gateways.emplace(it.key().toStdString(), *std::move(gateway));
        }
        return gateways;
    }

private:
    using Path = std::vector<std::string>;

    Unexpected notJson(const QJsonParseError &error) const
    {
        const qsizetype offset = std::clamp<qsizetype>(error.offset, 0, m_json.size());
        const QByteArray before = m_json.left(offset);
        const qsizetype column = offset - (before.lastIndexOf('\n') + 1) + 1;
        return Unexpected(ErrorCode::Internal, m_name + ':' + std::to_string(before.count('\n') + 1) + ':' +
                                                   std::to_string(column) +
                                                   ": not JSON: " + error.errorString().toStdString());
    }

    /// The line is that of the last key of the path that stands there.
    Unexpected refuse(const Path &path, const std::string &reason) const
    {
        qsizetype offset = 0;
        std::string shown;
        for (const std::string &key : path) {
            offset = std::max(offset, m_json.indexOf(QByteArray::fromStdString('"' + key + '"'), offset));
            shown += (shown.empty() ? "" : ".") + key;
        }
        return Unexpected(ErrorCode::Internal, m_name + ':' +
                                                   std::to_string(m_json.left(offset).count('\n') + 1) +
                                                   ": " + shown + ": " + reason);
    }

    Result<StoredGateway> readGateway(const std::string &id, const QJsonObject &object) const
    {
        if (!isGatewayId(id) || object.isEmpty())
            return refuse({"gateways", id}, "expected a gateway");
        StoredGateway gateway;
        gateway.created = object.value(QLatin1String("created")).toBool();
        const QJsonObject configuration = object.value(QLatin1String("configuration")).toObject();
        for (auto it = configuration.begin(); it != configuration.end(); ++it)
            gateway.configuration[it.key().toStdString()] = it.value();
        GatewayConfig probe;
        if (auto applied = applyPatch(probe, gateway.configuration); !applied)
            return refuse({"gateways", id, "configuration", applied.error().property},
                          applied.error().detail);
        for (const QJsonValue &value : object.value(QLatin1String("securityTokens")).toArray()) {
            const SecurityToken token{
                SecretDigest::fromHex(value[QLatin1String("digest")].toString().toStdString()),
                validUntil(value)};
            if (token.digest.empty())
                return refuse({"gateways", id, "securityTokens"},
                              "expected digests of 64 hexadecimal digits");
            gateway.securityTokens.push_back(token);
        }
        for (const QJsonValue &value : object.value(QLatin1String("signingKeys")).toArray()) {
            if (const auto decoded = decodeKey(value); decoded)
                gateway.signingKeys.push_back(*decoded);
            else
                return refuse({"gateways", id, "signingKeys"}, "expected base64 of at least 32 bytes");
        }
        return gateway;
    }

    static std::optional<SigningKey> decodeKey(const QJsonValue &value)
    {
        const QByteArray text = value[QLatin1String("key")].toString().toLatin1();
        const auto decoded = QByteArray::fromBase64Encoding(text, QByteArray::AbortOnBase64DecodingErrors);
        if (!decoded || decoded.decoded.size() < 32)
            return std::nullopt;
        return SigningKey{decoded.decoded.toStdString(), validUntil(value)};
    }

    static std::optional<WallTime> validUntil(const QJsonValue &value)
    {
        const QJsonValue text = value[QLatin1String("validUntil")];
        if (!text.isString())
            return std::nullopt;
        // What is no time is long ago: nothing is good for longer than was meant.
        const QDateTime time = QDateTime::fromString(text.toString(), Qt::ISODate);
        return WallTime(std::chrono::seconds(time.isValid() ? time.toSecsSinceEpoch() : 0));
    }

    const QByteArray &m_json;
    std::string m_name;
};

QJsonObject timed(QLatin1String key, const QString &value, const std::optional<WallTime> &validUntil)
{
    QJsonObject object{{key, value}};
    if (validUntil)
        object.insert(QLatin1String("validUntil"), qString(timeText(*validUntil)));
    return object;
}

QJsonObject gatewayObject(const StoredGateway &gateway)
{
    QJsonObject configuration;
    for (const auto &[path, value] : gateway.configuration)
        configuration.insert(qString(path), value);
    QJsonArray tokens;
    for (const SecurityToken &token : gateway.securityTokens)
        tokens.append(timed(QLatin1String("digest"), qString(token.digest.hex()), token.validUntil));
    QJsonArray keys;
    for (const SigningKey &key : gateway.signingKeys)
        keys.append(timed(QLatin1String("key"),
                          QString::fromLatin1(QByteArray::fromStdString(key.bytes).toBase64()),
                          key.validUntil));
    return {{QLatin1String("created"), gateway.created},
            {QLatin1String("configuration"), configuration},
            {QLatin1String("securityTokens"), tokens},
            {QLatin1String("signingKeys"), keys}};
}

QJsonObject markObject(const SharedGatewayState &shared)
{
    QJsonObject versions;
    for (const auto &[id, gateway] : shared.gateways)
        versions.insert(qString(id), qint64(gateway.version));
    return {{QLatin1String("epoch"), qString(shared.epoch)},
            {QLatin1String("nonce"), qString(shared.nonce)},
            {QLatin1String("version"), qint64(shared.version)},
            {QLatin1String("floor"), qint64(shared.floor)},
            {QLatin1String("fresh"), shared.fresh},
            {QLatin1String("versions"), versions}};
}

SharedGatewayState markOf(const QJsonObject &object)
{
    SharedGatewayState shared;
    shared.epoch = object.value(QLatin1String("epoch")).toString().toStdString();
    shared.nonce = object.value(QLatin1String("nonce")).toString().toStdString();
    shared.version = uint64_t(object.value(QLatin1String("version")).toInteger());
    shared.floor = uint64_t(object.value(QLatin1String("floor")).toInteger());
    shared.fresh = object.value(QLatin1String("fresh")).toBool(true);
    const QJsonObject versions = object.value(QLatin1String("versions")).toObject();
    for (auto it = versions.begin(); it != versions.end(); ++it) {
        const auto version = uint64_t(it.value().toInteger());
        if (!isGatewayId(it.key().toStdString()) || version > shared.version)
            return {};
        shared.gateways[it.key().toStdString()].version = version;
    }
    if (!isGatewayId(shared.epoch) || !isGatewayId(shared.nonce)) // words of letters and digits, not empty
        return {};
    return shared;
}

QByteArray stateJson(const StoredGateways &gateways, const SharedGatewayState *shared)
{
    QJsonObject all;
    for (const auto &[id, gateway] : gateways)
        all.insert(qString(id), gatewayObject(gateway));
    QJsonObject root{{QLatin1String("version"), gatewayStateFormat.version},
                     {QLatin1String("gateways"), all}};
    if (shared)
        root.insert(QLatin1String("cluster"), markObject(*shared));
    return QJsonDocument(root).toJson(QJsonDocument::Indented);
}

Unexpected notWritable(const std::filesystem::path &path, const std::string &reason)
{
    return Unexpected(ErrorCode::Unavailable, path.string() + " cannot be written: " + reason);
}

} // namespace

const JsonFormat gatewayStateFormat{.version = 1};

std::filesystem::path gatewayStatePath(const std::filesystem::path &stateDir)
{
    return stateDir / "gateways.json";
}

Result<StoredGateways> parseGatewayState(const QByteArray &json, const std::string &name)
{
    return StateReader(json, name).read();
}

Result<StoredGateways> readGatewayState(const std::filesystem::path &stateDir)
{
    const std::filesystem::path path = gatewayStatePath(stateDir);
    QFile file(QFile::decodeName(path.c_str()));
    if (!file.exists())
        return StoredGateways{};
    if (!file.open(QIODevice::ReadOnly))
        return Unexpected(ErrorCode::Internal,
                          path.string() + ": cannot be read: " + file.errorString().toStdString());
    return parseGatewayState(file.readAll(), path.string());
}

Result<void> upgradeGatewayState(const std::filesystem::path &stateDir)
{
    return upgradeJsonFile(gatewayStatePath(stateDir), gatewayStateFormat);
}

Result<void> makeStateFolder(const std::filesystem::path &stateDir)
{
    const std::filesystem::path folder = stateDir.has_filename() ? stateDir : stateDir.parent_path();
    std::error_code error;
    if (folder.has_parent_path())
        std::filesystem::create_directories(folder.parent_path(), error);
    if (error)
        return notWritable(folder, error.message());
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return notWritable(folder, std::strerror(errno));
    return {};
}

SharedGatewayState readSharedMark(const std::filesystem::path &stateDir)
{
    QFile file(QFile::decodeName(gatewayStatePath(stateDir).c_str()));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return markOf(
        QJsonDocument::fromJson(file.readAll()).object().value(QLatin1String("cluster")).toObject());
}

std::string storedGatewayJson(const StoredGateway &gateway)
{
    return QJsonDocument(gatewayObject(gateway)).toJson(QJsonDocument::Compact).toStdString();
}

Result<StoredGateway> parseStoredGateway(const GatewayId &id, const std::string &json,
                                         const std::string &name)
{
    auto gateways = parseGatewayState(
        QByteArray::fromStdString("{\"version\":" + std::to_string(gatewayStateFormat.version) +
                                  ",\"gateways\":{\"" + id + "\":" + json + "}}"),
        name);
    if (!gateways)
        return Unexpected(gateways.error());
    const auto gateway = gateways->find(id);
    if (gateways->size() != 1 || gateway == gateways->end())
        return Unexpected(ErrorCode::Internal, name + ": gateways." + id + ": expected a gateway");
    return std::move(gateway->second);
}

Result<void> writeGatewayState(const std::filesystem::path &stateDir, const StoredGateways &gateways,
                               const SharedGatewayState *shared)
{
    if (Result<void> made = makeStateFolder(stateDir); !made)
        return made;
    const std::filesystem::path path = gatewayStatePath(stateDir);
    QSaveFile file(QFile::decodeName(path.c_str()));
    const QByteArray json = stateJson(gateways, shared);
    const bool written = file.open(QIODevice::WriteOnly) &&
                         file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner) &&
                         file.write(json) == json.size() && file.commit();
    return written ? Result<void>() : notWritable(path, file.errorString().toStdString());
}

} // namespace mws
