#pragma once

#include "config/gateway_json.h"
#include "config/json_format.h"
#include "config/shared_gateway_state.h"

#include <QByteArray>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace mws {

/// Of gateways.json; docs/upgrading.md has a note for each version.
extern const JsonFormat gatewayStateFormat;

/// What is kept of a gateway over restarts. Its file has digests of security tokens, never the tokens.
struct StoredGateway
{
    bool created = false; ///< by the operator, and not by file or environment
    GatewayPatch configuration;
    std::vector<SecurityToken>
        securityTokens; ///< expired ones too, where file or environment still name them
    std::vector<SigningKey> signingKeys;
};

using StoredGateways = std::map<GatewayId, StoredGateway>;

/// `gateways.json` in the state folder.
std::filesystem::path gatewayStatePath(const std::filesystem::path &stateDir);

/// Reads the file's content. `name` is for errors. Errors: Internal with `NAME:LINE:COLUMN: reason` for what
/// is not JSON, `NAME:LINE: PATH: reason` for what is not such a state, also for one of a newer format. An
/// older format is read as what it would be now.
Result<StoredGateways> parseGatewayState(const QByteArray &json, const std::string &name);

/// Empty if there is no file. Errors: as parseGatewayState(); Internal if it cannot be read.
Result<StoredGateways> readGatewayState(const std::filesystem::path &stateDir);

/// Upgrades the file; see upgradeJsonFile().
Result<void> upgradeGatewayState(const std::filesystem::path &stateDir);

/// Makes the state folder (mode 0700) if it is not there. Errors: Unavailable with the path and reason.
Result<void> makeStateFolder(const std::filesystem::path &stateDir);

/// Replaces the file (mode 0600) as a whole or not at all, and makes the folder (mode 0700) at need.
/// `shared`: of a cluster's node, whose copy this is. Errors: Unavailable with the path and reason.
Result<void> writeGatewayState(const std::filesystem::path &stateDir, const StoredGateways &gateways,
                               const SharedGatewayState *shared = nullptr);

/// What the file was a copy of, without the gateways' JSON; without an epoch if it was none.
SharedGatewayState readSharedMark(const std::filesystem::path &stateDir);

/// One gateway, as the file has it: compact, the same text for the same gateway.
std::string storedGatewayJson(const StoredGateway &gateway);
/// Errors: as parseGatewayState().
Result<StoredGateway> parseStoredGateway(const GatewayId &id, const std::string &json,
                                         const std::string &name);

} // namespace mws
