#include "app/config_reloader.h"

#include "app/gateway_control.h"
#include "app/gateway_sharing.h"
#include "app/worker_thread.h"
#include "base/iso_time.h"
#include "config/loader.h"
#include "mws/base/access_log.h"
#include "mws/base/log.h"

#include <algorithm>

namespace mws {

namespace {

/// Of one reload, each time on gateways that another node has just changed.
constexpr int mostAttempts = 20;

uint64_t secondsOf(WallTime time)
{
    return uint64_t(std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

std::string joined(const std::vector<std::string> &names)
{
    std::string text;
    for (const std::string &name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

/// A text without the quotes that it has in the file: the log has its own.
std::string bare(const std::string &value)
{
    const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    return quoted ? value.substr(1, value.size() - 2) : value;
}

} // namespace

void logCertificate(const TlsSettings &settings, const TlsContext &context)
{
    const CertificateInfo &certificate = context.certificate();
    log(LogLevel::Info, "certificate loaded",
        {{"file", settings.certificate.string()},
         {"subject", certificate.subject},
         {"serial", certificate.serial},
         {"valid_until", isoTimeInSeconds(certificate.validUntil)}});
}

ConfigReloader::ConfigReloader(ConfigSource source, const Parts &parts)
    : m_source(std::move(source)), m_parts(parts), m_read(stamps())
{
    m_parts.node.configMetrics.lastReloadSuccessful.set(1);
    m_parts.node.configMetrics.lastReloadSuccess.set(secondsOf(m_parts.clock.wall()));
}

ConfigReloader::Stamps ConfigReloader::stamps() const
{
    Stamps result;
    if (m_source.file)
        result.push_back(stampOf(m_source.file->string()));
    const TlsSettings &tls = m_parts.config.tls;
    for (const std::filesystem::path &path : {tls.certificate, tls.key, tls.clientCa})
        if (!path.empty())
            result.push_back(stampOf(path.string()));
    return result;
}

void ConfigReloader::watch()
{
    if (m_stopped || m_busy || !m_parts.config.server.watchConfig)
        return;
    Stamps now = stamps();
    if (now == m_read) {
        m_moving.reset();
    } else if (m_moving != now) { // it may be half written: a look later it is the same, or not yet
        m_moving = std::move(now);
    } else {
        log(LogLevel::Info, "a file of the configuration has changed");
        reload();
    }
}

void ConfigReloader::reload()
{
    if (m_stopped)
        return;
    if (m_busy) {
        m_again = true;
        return;
    }
    if (!m_source.file && !m_parts.config.tls.isOn()) {
        log(LogLevel::Info, "nothing to reload");
        return;
    }
    m_busy = true;
    attempt(1);
}

void ConfigReloader::attempt(int attempts)
{
    m_moving.reset();
    m_read = stamps(); // before they are read: what changes meanwhile is seen by the next look
    LoadedConfig read = loadConfigFile(m_source.file, m_source.environment);
    if (!read.errors.empty())
        return refuse(read.errors);
    Result<Checked> checked = check(std::move(read.config));
    if (!checked)
        return refuse({std::string(checked.error().message())});
    if (checked->gateways.missingKeys.empty())
        putInForce(*std::move(checked));
    else
        shareKeys(*checked, attempts);
}

/// All that the start would stumble over. Changes nothing.
Result<ConfigReloader::Checked> ConfigReloader::check(ServiceConfig read) const
{
    Checked checked;
    checked.change = planChange(m_parts.config, std::move(read));
    const ServiceConfig &config = checked.change.config;
    if (config.tls.isOn()) {
        Result<TlsContext::Loaded> loaded = TlsContext::load(config.tls, m_parts.clock.wall());
        if (!loaded)
            return Unexpected(loaded.error());
        checked.tls = *std::move(loaded);
    }
    Result<GatewayStore::Reconfigured> gateways = m_parts.store.planReload(config);
    if (!gateways)
        return Unexpected(gateways.error());
    checked.gateways = *std::move(gateways);
    for (const auto &[id, gateway] : checked.gateways.table->gateways)
        if (gateway->settings.accessControl == AccessControl::Jwt)
            if (const Result<void> files = checkKeyFiles(*gateway); !files)
                return Unexpected(files.error());
    return checked;
}

/// A cluster's nodes agree on the keys of a new gateway before any of them has it.
void ConfigReloader::shareKeys(const Checked &checked, int attempts)
{
    m_parts.sharing->shareNewKeys(checked.gateways.missingKeys, [this, attempts](const Result<void> &shared) {
        if (!shared)
            refuse({"the signing keys of new gateways cannot be shared with the other nodes: " +
                    std::string(shared.error().message())});
        else if (attempts == mostAttempts)
            refuse({"other nodes change gateways all the time"});
        else
            attempt(attempts + 1);
    });
}

void ConfigReloader::refuse(const std::vector<std::string> &errors)
{
    for (const std::string &error : errors)
        log(LogLevel::Error, error);
    log(LogLevel::Error, "configuration not reloaded, the one before stays in force",
        {{"errors", errors.size()}});
    m_parts.node.configMetrics.lastReloadSuccessful.set(0);
    end();
}

void ConfigReloader::putInForce(Checked checked)
{
    ServiceConfig &config = m_parts.config;
    std::vector<std::string> warnings = checked.tls.warnings;
    for (const std::string &warning : checked.change.config.warnings)
        if (std::find(config.warnings.begin(), config.warnings.end(), warning) == config.warnings.end())
            warnings.push_back(warning);
    const std::vector<std::shared_ptr<const Gateway>> removed = checked.gateways.removed;
    config = checked.change.config;
    m_parts.tls = std::move(checked.tls.context);
    for (std::string &warning : m_parts.store.commit(std::move(checked.gateways)))
        warnings.push_back(std::move(warning));
    for (const std::string &warning : warnings)
        log(LogLevel::Warning, warning);
    if (config.tls.isOn())
        logCertificate(config.tls, *m_parts.tls);
    m_parts.enginio.setOptions(enginioOptions(config.identity));
    m_parts.jwtKeys.setOptions(jwtKeyOptions(config.identity));
    for (const auto &gateway : removed)
        m_parts.publisher.forgetForNow(*gateway);
    for (const auto &[id, gateway] : m_parts.store.table()->gateways)
        if (gateway->settings.accessControl == AccessControl::Jwt)
            m_parts.jwtKeys.update(gateway);
    m_parts.node.addresses.setLimits(addressLimits(config.limits));
    setAccessLog(config.log.access);
    m_parts.changed(checked.change);
    const auto settings = std::make_shared<const WorkerSettings>(workerSettings(config, m_parts.tls));
    m_parts.publisher.publish(
        [this, removed, change = std::move(checked.change)] {
            for (const auto &gateway : removed)
                m_parts.publisher.closeSockets(*gateway);
            finish(change);
        },
        [this, settings](const Worker &worker) { m_parts.threads[worker.index()]->configure(*settings); });
}

/// It is in force everywhere.
void ConfigReloader::finish(const ConfigChange &change)
{
    const LogLevel level = m_parts.config.log.level;
    m_parts.node.configMetrics.lastReloadSuccessful.set(1);
    m_parts.node.configMetrics.lastReloadSuccess.set(secondsOf(m_parts.clock.wall()));
    if (level != LogLevel::Off && !logEnabled(level))
        setLogThreshold(level); // more is said than before: also of this
    sayPending(change);
    if (change.changed.empty())
        log(LogLevel::Info, "configuration reloaded: nothing else is in force than before");
    else
        log(LogLevel::Info, "configuration reloaded", {{"changed", joined(change.changed)}});
    setLogThreshold(level);
    end();
}

void ConfigReloader::end()
{
    m_busy = false;
    if (std::exchange(m_again, false))
        reload();
}

void ConfigReloader::sayPending(const ConfigChange &change) const
{
    for (const ConfigChange::Pending &pending : change.needsRestart)
        log(LogLevel::Warning, "an option has changed that needs a restart",
            {{"option", pending.option},
             {"in_force", bare(pending.inForce)},
             {"after_restart", bare(pending.wanted)}});
}

} // namespace mws
