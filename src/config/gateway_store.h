#pragma once

#include "config/gateway_admin.h"
#include "config/gateway_state.h"
#include "config/loader.h"
#include "mws/base/clock.h"
#include "mws/base/thread_check.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// All gateways: those of file and environment, with what was stored of them laid over, and those that the
/// operator made. A change is stored before it is in force; where it cannot be stored, nothing changes.
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

    /// PUT configuration. Errors: InvalidData with the property; NotFound; Unavailable.
    Result<std::shared_ptr<const Gateway>> configure(const GatewayId &id, std::string_view json);
    /// POST /v1/gateways; an empty body counts as `{}`. Errors: as configure(); Conflict if the id is taken.
    Result<GatewayAdmin::Created> create(std::string_view json);
    /// Errors: NotFound; AccessDenied for one of file or environment; Unavailable.
    Result<std::shared_ptr<const Gateway>> remove(const GatewayId &id);
    /// Makes a new security token; all others stay good for ServerConfig::tokenGrace. Errors: NotFound;
    /// Unavailable.
    Result<GatewayAdmin::Rotated> rotateSecurityToken(const GatewayId &id);

private:
    GatewayStore(const ServiceConfig &config, const Clock &clock);

    Result<void> load();
    void makeMissingKeys();
    bool isConfigured(const GatewayId &id) const { return m_configured.contains(id); }
    std::vector<SecurityToken> configuredTokens(const GatewayId &id) const;
    GatewayConfig baseOf(const GatewayId &id) const;
    std::optional<SettingsConflict> conflictOf(const GatewayId &id, const StoredGateway &stored) const;
    /// What to do where the stored settings and those of file and environment do not fit together.
    enum class OnConflict { Refuse, CloseAnonymousSockets };
    Result<Gateway> build(const GatewayId &id, const StoredGateway &stored,
                          OnConflict onConflict = OnConflict::Refuse) const;
    std::vector<SecurityToken> tokensOf(const GatewayId &id, const StoredGateway &stored) const;
    /// Stores `next`, then puts it in force with `gateway` in the table.
    Result<std::shared_ptr<const Gateway>> commit(StoredGateways next, Gateway gateway);

    const Clock &m_clock;
    std::filesystem::path m_stateDir;
    std::chrono::milliseconds m_tokenGrace;
    GatewayId m_defaultId;
    std::map<GatewayId, GatewayConfig> m_configured; ///< by file and environment
    StoredGateways m_stored;
    std::shared_ptr<const GatewayTable> m_table;
    uint32_t m_lastSerial = 0;
    std::vector<std::string> m_warnings;
    ThreadCheck m_thread;
};

/// The rows of --print-config with what is stored laid over them.
std::vector<Provenance> provenanceWithStored(const ServiceConfig &config, const StoredGateways &stored);

} // namespace mws
