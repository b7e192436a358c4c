#include "state/state_files.h"

#include "config/gateway_state.h"
#include "events/event_database.h"
#include "token/token_database.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <array>

namespace mws {

namespace {

Result<int64_t> formatOfGateways(const std::filesystem::path &path)
{
    QFile file(QFile::decodeName(path.c_str()));
    if (!file.open(QIODevice::ReadOnly))
        return Unexpected(ErrorCode::Unavailable,
                          path.string() + " cannot be read: " + file.errorString().toStdString());
    const QByteArray json = file.readAll();
    if (const auto gateways = parseGatewayState(json, path.string()); !gateways)
        return Unexpected(gateways.error());
    return QJsonDocument::fromJson(json).object().value(QLatin1String("version")).toInteger();
}

/// It is only ever replaced as a whole.
Result<void> copyGateways(const std::filesystem::path &file, const std::filesystem::path &target)
{
    std::error_code error;
    std::filesystem::copy_file(file, target, error);
    if (!error)
        std::filesystem::permissions(
            target, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
    if (error)
        return Unexpected(ErrorCode::Unavailable, file.string() + " cannot be copied: " + error.message());
    return {};
}

Result<int64_t> formatOfTokens(const std::filesystem::path &file)
{
    return SqliteFile::formatOf(file, tokenDatabaseFormat);
}

Result<int64_t> formatOfEvents(const std::filesystem::path &file)
{
    return SqliteFile::formatOf(file, eventDatabaseFormat);
}

} // namespace

std::span<const StateFile> stateFiles()
{
    static const std::array files{
        StateFile{"tokens.sqlite", tokenDatabaseFormat.version, formatOfTokens, SqliteFile::copy},
        StateFile{"events.sqlite", eventDatabaseFormat.version, formatOfEvents, SqliteFile::copy},
        StateFile{"gateways.json", gatewayStateFormat.version, formatOfGateways, copyGateways},
    };
    return files;
}

const StateFile *findStateFile(std::string_view name)
{
    const std::span<const StateFile> files = stateFiles();
    const auto it =
        std::find_if(files.begin(), files.end(), [name](const StateFile &file) { return file.name == name; });
    return it == files.end() ? nullptr : &*it;
}

} // namespace mws
