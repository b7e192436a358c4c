#pragma once

#include "config/gateway_admin.h"
#include "config/gateway_state.h"
#include "config/loader.h"
#include "mws/base/clock.h"
#include "mws/base/thread_check.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// A change of one gateway that may be made and is not stored yet.
struct GatewayChange
{
    GatewayId id;
    std::optional<StoredGateway> stored;    ///< nothing: the gateway is removed
    std::shared_ptr<const Gateway> gateway; ///< as it will be; of one that is removed: as it was
    bool isNone = false;                    ///< all is so already
    std::string securityToken = {};         ///< a new one, shown once
    WallTime previousValidUntil = {};       ///< of the others, where there is a new one
};

/// All gateways: those of file and environment, with what was stored of them laid over, and those that the
/// operator made. A change is stored before it is in force; where it cannot be stored, nothing changes.
///
/// In a cluster, Redis has what is stored. The file is a copy of that: changes are planned here, made there,
/// and come back by adopt(). Until its first call the signing keys are this node's own.
///
/// Thread: the one that made it. What it hands out is immutable and may go anywhere.
class GatewayStore
{
public:
    /// Reads the state folder and makes the signing keys that are missing. Errors: Internal with file, line
    /// and reason for a state file that is broken; it is left as it is.
    static Result<std::unique_ptr<GatewayStore>> open(const ServiceConfig &config, const Clock &clock);

    /// The gateways as of now. A change makes a new table.
    std::shared_ptr<const GatewayTable> table() const { return m_table; }

    /// For the log at start; no secret in them.
    const std::vector<std::string> &warnings() const { return m_warnings; }

    /// PUT configuration. Errors: InvalidData with the property; NotFound.
    Result<GatewayChange> planConfiguration(const GatewayId &id, std::string_view json) const;
    /// POST /v1/gateways; an empty body counts as `{}`. Errors: InvalidData; Conflict if the id is taken.
    Result<GatewayChange> planCreation(std::string_view json) const;
    /// Errors: NotFound; AccessDenied for one of file or environment.
    Result<GatewayChange> planRemoval(const GatewayId &id) const;
    /// Makes a new security token; all others stay good for ServerConfig::tokenGrace. Errors: NotFound.
    Result<GatewayChange> planRotation(const GatewayId &id) const;
    /// Stores it in the file, then puts it in force. Not in a cluster. Errors: Unavailable.
    Result<void> commit(GatewayChange &change);

    // A plan and its commit().
    Result<std::shared_ptr<const Gateway>> configure(const GatewayId &id, std::string_view json);
    Result<GatewayAdmin::Created> create(std::string_view json);
    Result<std::shared_ptr<const Gateway>> remove(const GatewayId &id);
    Result<GatewayAdmin::Rotated> rotateSecurityToken(const GatewayId &id);

    // gateway_store_reload.cpp

    /// The gateways as another configuration would have them.
    struct Reconfigured
    {
        std::map<GatewayId, GatewayConfig> configured;
        GatewayId defaultId;
        std::chrono::milliseconds tokenGrace{0};
        bool hasConsole = false;
        StoredGateways stored;
        std::shared_ptr<const GatewayTable> table;
        std::vector<std::shared_ptr<const Gateway>> removed; ///< that are not in the table any more
        /// Signing keys that the cluster must have first, JSON by gateway; see
        /// GatewaySharing::shareNewKeys().
        std::map<GatewayId, std::string> missingKeys;
        bool makesKeys = false;            ///< some are made that are not stored yet
        std::vector<std::string> warnings; ///< for the log; no secret in them
    };
    /// Changes nothing. The state folder stays what it is. Errors: Internal with gateway, property and
    /// reason.
    Result<Reconfigured> planReload(const ServiceConfig &config);
    /// Puts it in force, with nothing changed since the plan. Answers warnings, without a secret.
    std::vector<std::string> commit(Reconfigured plan);

    // gateway_store_shared.cpp: in a cluster

    /// Redis is configured.
    bool isShared() const { return m_isShared; }
    /// What this node brings along: the content of its file, and the signing keys that it would make.
    SharedGatewayState ownState() const;
    struct Adopted
    {
        std::vector<std::shared_ptr<const Gateway>> removed; ///< that are not in the table any more
        /// Signing keys that the cluster lacks, JSON by gateway. As long as there are any, the state is not
        /// in force.
        std::map<GatewayId, std::string> missingKeys;
        std::vector<std::string> warnings; ///< for the log; no secret in them
    };
    /// Puts in force what the cluster keeps, and copies it into the file. Errors: Internal with gateway and
    /// reason for what cannot be read; then nothing changes.
    Result<Adopted> adopt(std::shared_ptr<const SharedGatewayState> state);

private:
    GatewayStore(const ServiceConfig &config, const Clock &clock);

    Result<void> load();
    void makeMissingKeys();
    static std::set<GatewayId> addMissingKeys(const std::map<GatewayId, GatewayConfig> &configured,
                                              StoredGateways &stored);
    bool isConfigured(const GatewayId &id) const { return m_configured.contains(id); }
    std::vector<SecurityToken> configuredTokens(const GatewayId &id) const;
    GatewayConfig baseOf(const GatewayId &id) const;
    std::optional<SettingsConflict> conflictOf(const GatewayId &id, const StoredGateway &stored) const;
    /// What to do where the stored settings and those of file and environment do not fit together.
    enum class OnConflict { Refuse, CloseAnonymousSockets };
    Result<Gateway> build(const GatewayId &id, const StoredGateway &stored,
                          OnConflict onConflict = OnConflict::Refuse) const;
    std::vector<SecurityToken> tokensOf(const GatewayId &id, const StoredGateway &stored) const;
    /// Of all that are in use; those that are `unchanged` as they are now. Errors: Internal with gateway,
    /// property and reason.
    Result<std::shared_ptr<GatewayTable>> tableOf(const StoredGateways &stored, const std::string &source,
                                                  const std::set<GatewayId> &unchanged,
                                                  std::vector<std::string> &warnings);
    /// Of those that are in force as `state` has them.
    std::set<GatewayId> unchangedIn(const SharedGatewayState &state) const;
    Result<StoredGateways> readShared(const SharedGatewayState &state,
                                      const std::set<GatewayId> &unchanged) const;
    std::map<GatewayId, std::string> keysMissingIn(const StoredGateways &stored) const;
    void keepFileAside(const SharedGatewayState &state, std::vector<std::string> &warnings) const;
    void writeCopy(std::vector<std::string> &warnings);

    const Clock &m_clock;
    std::filesystem::path m_stateDir;
    std::chrono::milliseconds m_tokenGrace;
    GatewayId m_defaultId;
    bool m_hasConsole;
    std::map<GatewayId, GatewayConfig> m_configured; ///< by file and environment
    StoredGateways m_stored;
    std::shared_ptr<const GatewayTable> m_table;
    uint32_t m_lastSerial = 0;
    std::vector<std::string> m_warnings;
    const bool m_isShared;
    std::shared_ptr<const SharedGatewayState> m_shared; ///< of which m_stored is a copy
    StoredGateways m_own;                               ///< of a cluster's node: what it began with
    bool m_isCopyWritable = true;                       ///< likewise: the file could be written the last time
    ThreadCheck m_thread;
};

/// The rows of --print-config with what is stored laid over them.
std::vector<Provenance> provenanceWithStored(const ServiceConfig &config, const StoredGateways &stored);

} // namespace mws
