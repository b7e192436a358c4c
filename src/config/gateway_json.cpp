#include "config/gateway_json.h"

#include "config/loader.h"
#include "config/near_name.h"
#include "config/option_value.h"
#include "config/text_check.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <cmath>

namespace mws {

namespace {

constexpr int maxDepth = 16; // the configuration itself is three deep

/// How deep `json` nests; strings are skipped.
int depthOf(std::string_view json)
{
    int depth = 0;
    int deepest = 0;
    bool inString = false;
    for (size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (inString && c == '\\')
            ++i;
        else if (c == '"')
            inString = !inString;
        else if (!inString && (c == '{' || c == '['))
            deepest = std::max(deepest, ++depth);
        else if (!inString && (c == '}' || c == ']'))
            --depth;
    }
    return deepest;
}

std::string listJson(const std::vector<std::string> &items)
{
    std::string text;
    for (const std::string &item : items)
        text += (text.empty() ? "" : ",") + quotedText(item);
    return '[' + text + ']';
}

std::string boolJson(bool value)
{
    return value ? "true" : "false";
}

struct NumberJson
{
    template <typename Other>
    std::string operator()(const Other *) const
    {
        return "null"; // words are shown otherwise, and no limit is of another type
    }
    std::string operator()(const uint32_t *value) const { return std::to_string(*value); }
    std::string operator()(const uint64_t *value) const { return std::to_string(*value); }
    std::string operator()(const std::chrono::seconds *value) const { return std::to_string(value->count()); }
};

std::string limitsJson(const GatewaySettings &settings)
{
    constexpr std::string_view prefix = "limits.";
    ServiceConfig unused;
    GatewayConfig gateway;
    gateway.settings = settings;
    std::string text;
    for (const Option &option : allOptions())
        if (option.json.starts_with(prefix))
            text +=
                (text.empty() ? "" : ",") + quotedText(option.json.substr(prefix.size())) + ':' +
                (option.type == OptionType::Word ? shownValue(option, option.slot(unused, gateway))
                                                 : std::visit(NumberJson{}, option.slot(unused, gateway)));
    return '{' + text + '}';
}

/// Null for a file: its place is no business of who may only see the configuration.
std::string jwksUriJson(const std::string &jwks)
{
    return expectKeyUrl(jwks).empty() ? quotedText(jwks) : "null";
}

/// That of the access control mode; else what is there.
std::string identityProviderJson(const GatewaySettings &settings)
{
    const IdentityProvider &provider = settings.identityProvider;
    const bool hasEnginio = !provider.edsUri.empty() || !provider.backendId.empty();
    if (settings.accessControl != AccessControl::Jwt && (hasEnginio || provider.jwt == JwtProvider()))
        return hasEnginio ? "{\"type\":\"eds\",\"edsUri\":" + quotedText(provider.edsUri) +
                                ",\"backendId\":" + quotedText(provider.backendId) + '}'
                          : "null";
    const JwtProvider &jwt = provider.jwt;
    return "{\"type\":\"jwt\",\"jwksUri\":" + jwksUriJson(jwt.jwks) +
           ",\"issuer\":" + (jwt.issuer.empty() ? "null" : quotedText(jwt.issuer)) +
           ",\"audience\":" + listJson(jwt.audience) + ",\"algorithms\":" + listJson(jwt.algorithms) +
           ",\"leeway\":" + std::to_string(jwt.leeway.count()) + '}';
}

/// Null where nothing is told; the secrets are not shown.
std::string eventsJson(const EventSettings &events)
{
    if (events == EventSettings())
        return "null";
    return "{\"url\":" + (events.url.empty() ? "null" : quotedText(events.url)) +
           ",\"types\":" + listJson(events.types) + ",\"fold\":" + std::to_string(events.fold.count()) +
           ",\"timeout\":" + std::to_string(events.timeout.count()) +
           ",\"giveUp\":" + std::to_string(events.giveUp.count()) +
           ",\"connect\":" + boolJson(events.connect) +
           ",\"connectOptional\":" + boolJson(events.connectOptional) +
           ",\"connectTimeout\":" + std::to_string(events.connectTimeout.count()) + '}';
}

std::string wordJson(std::string_view path, const GatewaySettings &settings)
{
    const Option &option = *findJsonOption(path);
    ServiceConfig unused;
    GatewayConfig gateway;
    gateway.settings = settings;
    return shownValue(option, option.slot(unused, gateway));
}

RawValue rawFromJson(const QJsonValue &value)
{
    if (value.isBool())
        return value.toBool();
    if (value.isString())
        return value.toString().toStdString();
    if (value.isDouble()) {
        const double number = value.toDouble();
        constexpr double exactUpTo = 9007199254740992.0; // 2^53
        if (std::trunc(number) != number || std::abs(number) > exactUpTo)
            return Unusable{"a number that is not whole or too large"};
        return static_cast<int64_t>(number);
    }
    if (!value.isArray())
        return Unusable{"an object"};
    std::vector<std::string> items;
    for (const QJsonValue &item : value.toArray()) {
        if (!item.isString())
            return Unusable{"a list whose item " + std::to_string(items.size()) + " is not a string"};
        items.push_back(item.toString().toStdString());
    }
    return items;
}

/// Takes a body apart into the paths of the option table.
class BodyReader
{
public:
    BodyReader(IdKey idKey) : m_idKey(idKey) {}

    Result<ConfigurationChange> read(const QJsonObject &body)
    {
        for (auto it = body.begin(); it != body.end(); ++it)
            if (auto read = readKey(it.key().toStdString(), it.value()); !read)
                return Unexpected(read.error());
        return std::move(m_change);
    }

private:
    static Unexpected invalid(const std::string &property, std::string detail)
    {
        return Unexpected(ErrorCode::InvalidData, std::move(detail), property);
    }

    Result<void> readKey(const std::string &key, const QJsonValue &value)
    {
        if (key == "id" && m_idKey == IdKey::Allowed)
            return readId(value);
        if (findJsonOption(key)) {
            put(key, value);
            return {};
        }
        const std::vector<std::string> members = membersOf(key);
        if (members.empty())
            return invalid(key, "no such key" + didYouMean(key, topLevelKeys()));
        if (value.isNull()) {
            for (const std::string &member : members)
                put(key + '.' + member, value);
            return {};
        }
        if (!value.isObject())
            return invalid(key, "expected an object");
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            if (auto read = readMember(key, members, it.key().toStdString(), it.value()); !read)
                return read;
        return {};
    }

    Result<void> readId(const QJsonValue &value)
    {
        m_change.id = value.toString().toStdString();
        const std::string_view expected = value.isNull() ? "" : expectGatewayId(m_change.id);
        return expected.empty() ? Result<void>() : invalid("id", "expected " + std::string(expected));
    }

    Result<void> readMember(const std::string &key, const std::vector<std::string> &members,
                            std::string member, const QJsonValue &value)
    {
        if (key == "identityProvider" && member == "type") {
            const QString type = value.toString();
            const bool known = value.isNull() || type == QLatin1String("eds") || type == QLatin1String("jwt");
            return known ? Result<void>() : invalid(key + ".type", "expected \"eds\" or \"jwt\"");
        }
        const std::string path = key + '.' + member;
        if (path == "identityProvider.edsBackendId") // as clients of the predecessor wrote it
            member = "backendId";
        if (std::find(members.begin(), members.end(), member) == members.end())
            return invalid(path, "no such key" + didYouMean(member, members));
        put(key + '.' + member, value);
        return {};
    }

    void put(const std::string &path, const QJsonValue &value)
    {
        if (value.isNull())
            m_change.cleared.push_back(path);
        else
            m_change.values[path] = value;
    }

    static std::vector<std::string> membersOf(const std::string &key)
    {
        std::vector<std::string> members;
        for (const Option &option : allOptions())
            if (option.json.starts_with(key + '.'))
                members.emplace_back(option.json.substr(key.size() + 1));
        return members;
    }

    static std::vector<std::string> topLevelKeys()
    {
        std::vector<std::string> keys;
        for (const Option &option : allOptions())
            if (!option.json.empty())
                keys.emplace_back(option.json.substr(0, option.json.find('.')));
        return keys;
    }

    IdKey m_idKey;
    ConfigurationChange m_change;
};

} // namespace

std::string configurationJson(const GatewaySettings &settings)
{
    std::string json = "{\"name\":" + quotedText(settings.name);
    json += ",\"identityProvider\":" + identityProviderJson(settings);
    json += ",\"permissions\":{\"read\":" + listJson(settings.permissions.read) +
            ",\"write\":" + listJson(settings.permissions.write) + '}';
    json += ",\"accessControl\":" + wordJson("accessControl", settings);
    json += ",\"clientMessages\":" + wordJson("clientMessages", settings);
    json += ",\"allowedOrigins\":" + listJson(settings.allowedOrigins);
    json += ",\"subprotocols\":" + (settings.subprotocols ? listJson(*settings.subprotocols) : "null");
    json += ",\"anonymousSockets\":{\"enabled\":" + boolJson(settings.anonymousSockets.enabled) +
            ",\"tags\":" + listJson(settings.anonymousSockets.tags) + '}';
    json += ",\"limits\":" + limitsJson(settings) + ",\"events\":" + eventsJson(settings.events);
    json += ",\"reuse\":" + boolJson(settings.reuse);
    json += ",\"publicUrl\":" + (settings.publicUrl.empty() ? "null" : quotedText(settings.publicUrl));
    return json + '}';
}

Result<ConfigurationChange> parseConfiguration(std::string_view json, IdKey idKey)
{
    if (depthOf(json) > maxDepth)
        return Unexpected(ErrorCode::InvalidData, "the JSON is nested too deep");
    QJsonParseError error;
    const QByteArray bytes(json.data(), qsizetype(json.size()));
    const QJsonDocument document = QJsonDocument::fromJson(bytes, &error);
    if (error.error != QJsonParseError::NoError)
        return Unexpected(ErrorCode::InvalidData,
                          "the body is not JSON: " + error.errorString().toStdString() + " at byte " +
                              std::to_string(error.offset));
    if (!document.isObject())
        return Unexpected(ErrorCode::InvalidData, "the body is not a JSON object");
    return BodyReader(idKey).read(document.object());
}

Result<void> applyPatch(GatewayConfig &gateway, const GatewayPatch &patch)
{
    ServiceConfig unused;
    for (const auto &[path, value] : patch) {
        const Option *option = findJsonOption(path);
        if (!option)
            return Unexpected(ErrorCode::InvalidData, "no such key", path);
        const RawValue raw = rawFromJson(value);
        const auto *text = std::get_if<std::string>(&raw);
        if (const std::string_view expected = option->jsonCheck && text ? option->jsonCheck(*text) : "";
            !expected.empty())
            return Unexpected(ErrorCode::InvalidData, "expected " + std::string(expected), path);
        const auto problem = assign(*option, option->slot(unused, gateway), raw);
        if (problem)
            return Unexpected(ErrorCode::InvalidData, problem->text,
                              path + (problem->item ? '[' + std::to_string(*problem->item) + ']' : ""));
    }
    return {};
}

GatewayPatch changed(GatewayPatch patch, const ConfigurationChange &change)
{
    for (const std::string &path : change.cleared)
        patch.erase(path);
    for (const auto &[path, value] : change.values)
        patch[path] = value;
    return patch;
}

} // namespace mws
