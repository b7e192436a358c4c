#include "identity/enginio_answer.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <optional>

namespace mws {

namespace {

constexpr QLatin1String defaultGroupType("usergroups");

Unexpected unreadable(std::string detail)
{
    return Unexpected(ErrorCode::Unavailable, std::move(detail));
}

/// Nothing if it is neither a string nor `{"id", "objectType"}`.
std::optional<std::string> groupSubject(const QJsonValue &group)
{
    if (group.isString() && !group.toString().isEmpty())
        return group.toString().toStdString();
    const QJsonObject object = group.toObject();
    const QJsonValue id = object.value(QLatin1String("id"));
    const QJsonValue type = object.value(QLatin1String("objectType"));
    const bool typeIsGood = type.isUndefined() || type.isNull() || !type.toString().isEmpty();
    if (!id.isString() || id.toString().isEmpty() || !typeIsGood)
        return std::nullopt;
    return (type.toString(defaultGroupType) + QLatin1Char('.') + id.toString()).toStdString();
}

} // namespace

Result<Identity> parseEnginioAnswer(int status, std::string_view body)
{
    if (status == 401 || status == 403 || status == 404)
        return Unexpected(ErrorCode::AuthenticationNeeded,
                          "The identity provider does not know the access token");
    if (status != 200)
        return unreadable("The identity provider answered with status " + std::to_string(status));
    const QJsonDocument document =
        QJsonDocument::fromJson(QByteArray::fromRawData(body.data(), qsizetype(body.size())));
    const QJsonValue id = document.object().value(QLatin1String("id"));
    if (!id.isString() || id.toString().isEmpty())
        return unreadable("The identity provider's answer has no user id");
    const QJsonValue groups = document.object().value(QLatin1String("usergroups"));
    if (!groups.isUndefined() && !groups.isNull() && !groups.isArray())
        return unreadable("The identity provider's answer has usergroups that are not a list");
    Identity identity;
    identity.userId = id.toString().toStdString();
    for (const QJsonValue group : groups.toArray()) {
        const auto subject = groupSubject(group);
        if (!subject)
            return unreadable("The identity provider's answer has a group without an id");
        identity.groups.push_back(*subject);
    }
    return identity;
}

} // namespace mws
