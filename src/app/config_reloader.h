#pragma once

#include "app/service_settings.h"
#include "config/config_change.h"
#include "config/environment.h"
#include "config/gateway_store.h"
#include "identity/key_file.h"
#include "mws/base/result.h"
#include "tls/tls_context.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mws {

class GatewayPublisher;
class GatewaySharing;
class WorkerThread;

/// Where the configuration comes from, so that it can be read again.
struct ConfigSource
{
    std::optional<std::filesystem::path> file; ///< nothing: the environment says it all
    Environment environment;                   ///< of the start: it does not change
};

/// Reads the configuration again and puts it in force, all of it or nothing: first everything is checked,
/// also the files that it names; then all workers get it, each in one step; then the log says what has
/// changed. Thread: the main thread's.
class ConfigReloader
{
public:
    /// All outlive this.
    struct Parts
    {
        ServiceConfig &config; ///< in force
        std::shared_ptr<const TlsContext> &tls;
        GatewayStore &store;
        GatewayPublisher &publisher;
        GatewaySharing *sharing; ///< null: this node works alone
        EnginioClient &enginio;
        JwtKeyLoader &jwtKeys;
        Node &node;
        const Clock &clock;
        const std::vector<std::unique_ptr<WorkerThread>> &threads;
        /// The configuration has changed.
        std::function<void(const ConfigChange &)> changed;
    };

    /// What is in force was read a moment ago.
    ConfigReloader(ConfigSource source, const Parts &parts);

    void reload();
    /// Reloads when a file has changed and is quiet again; call about once a second.
    void watch();
    /// From now on nothing is reloaded.
    void stop() { m_stopped = true; }

private:
    struct Checked
    {
        ConfigChange change;
        TlsContext::Loaded tls; ///< without a context: plain
        GatewayStore::Reconfigured gateways;
    };
    using Stamps = std::vector<std::optional<FileStamp>>;

    Stamps stamps() const;
    void attempt(int attempts);
    Result<Checked> check(ServiceConfig read) const;
    void shareKeys(const Checked &checked, int attempts);
    void putInForce(Checked checked);
    void refuse(const std::vector<std::string> &errors);
    void finish(const ConfigChange &change);
    void end();
    void sayPending(const ConfigChange &change) const;

    const ConfigSource m_source;
    const Parts m_parts;
    Stamps m_read;                  ///< of the files as they were read last
    std::optional<Stamps> m_moving; ///< as they were a moment ago, if they have changed since
    bool m_busy = false;
    bool m_again = false; ///< asked for while busy
    bool m_stopped = false;
};

/// What is in force of a certificate, for the log.
void logCertificate(const TlsSettings &settings, const TlsContext &context);

} // namespace mws
