#include "config/loader.h"

#include "config/config_checks.h"
#include "config/near_name.h"
#include "config/toml_reader.h"

#include <QFile>
#include <algorithm>

namespace mws {

namespace {

constexpr qint64 maxFileBytes = 4 << 20;

/// Lays the sources over each other and remembers where each value came from.
class Loader
{
public:
    LoadedConfig load(const std::optional<ConfigText> &file, const Environment &environment)
    {
        const EnvironmentContent variables = readEnvironment(environment);
        if (file)
            applyFile(*file);
        applyVariables(variables);
        applyPlatform(variables, environment);
        checkTogether(config(), m_sources, m_loaded.errors);
        addWarnings(config(), m_sources);
        config().provenance = rows();
        return std::move(m_loaded);
    }

private:
    ServiceConfig &config() { return m_loaded.config; }

    void applyFile(const ConfigText &file)
    {
        const TomlContent content = readToml(file.text);
        for (const TomlProblem &problem : content.problems)
            m_loaded.errors.push_back(place(file, problem.line) + ": " + problem.text);
        for (const TomlSection &section : content.sections) {
            if (const auto problem = sectionProblem(section))
                m_loaded.errors.push_back(place(file, section.line) + ": " + *problem);
            else if (section.listed)
                applyFurtherGateway(file, section);
            else
                applySection(file, section, section.name, config().gateway);
        }
    }

    static std::string place(const ConfigText &file, uint32_t line)
    {
        return file.name + ':' + std::to_string(line);
    }

    static std::optional<std::string> sectionProblem(const TomlSection &section)
    {
        const std::string shown = (section.listed ? "[[" + section.name + "]]" : '[' + section.name + ']');
        if (section.name == "gateways")
            return section.listed
                       ? std::nullopt
                       : std::optional<std::string>("gateways: each further gateway is written [[gateways]]");
        std::vector<std::string> known{"gateways"};
        for (const Option &option : allOptions())
            if (option.section != known.back())
                known.emplace_back(option.section);
        if (std::find(known.begin(), known.end(), section.name) == known.end())
            return shown + ": no such section" + didYouMean(section.name, known);
        if (section.listed)
            return shown + ": expected [" + section.name + ']';
        return std::nullopt;
    }

    void applyFurtherGateway(const ConfigText &file, const TomlSection &section)
    {
        const std::string prefix = furtherGatewayName(config().gateways.size());
        GatewayConfig gateway;
        gateway.id.clear();
        applySection(file, section, prefix, gateway);
        if (gateway.id.empty() && !m_sources.contains(prefix + ".id"))
            m_loaded.errors.push_back(place(file, section.line) + ": [[gateways]]: `id` is missing");
        config().gateways.push_back(std::move(gateway));
    }

    void applySection(const ConfigText &file, const TomlSection &section, const std::string &prefix,
                      GatewayConfig &gateway)
    {
        const std::string_view table = section.listed ? "gateway" : std::string_view(section.name);
        for (const TomlEntry &entry : section.entries) {
            const std::string where = place(file, entry.line);
            const std::string name = prefix + '.' + entry.key;
            const Option *option = findOption(table, entry.key);
            if (!option) {
                m_loaded.errors.push_back(where + ": " + name + ": no such key" +
                                          suggestion(table, entry.key));
                continue;
            }
            m_sources[name] = where;
            if (const auto problem = assign(*option, option->slot(config(), gateway), entry.value))
                m_loaded.errors.push_back(where + ": " + name + item(*problem) + ": " + problem->text);
        }
    }

    static std::string item(const ValueProblem &problem)
    {
        return problem.item ? '[' + std::to_string(*problem.item) + ']' : std::string();
    }

    static std::string suggestion(std::string_view section, const std::string &key)
    {
        std::vector<std::string> near;
        for (const Option &option : allOptions()) {
            if (option.key == key)
                return "; it belongs in [" + std::string(option.section) + ']';
            if (option.section == section)
                near.emplace_back(option.key);
        }
        return didYouMean(key, near);
    }

    void applyVariables(const EnvironmentContent &variables)
    {
        m_loaded.errors.insert(m_loaded.errors.end(), variables.problems.begin(), variables.problems.end());
        for (const EnvironmentEntry &entry : variables.entries) {
            m_sources[entry.option->name()] = entry.variable;
            const Slot slot = entry.option->slot(config(), config().gateway);
            if (const auto problem = assign(*entry.option, slot, entry.value))
                m_loaded.errors.push_back(entry.variable + item(*problem) + ": " + problem->text + " (" +
                                          entry.option->name() + ')');
        }
    }

    /// Defaults that depend on who starts the service: a platform that gives a port, systemd.
    void applyPlatform(const EnvironmentContent &variables, const Environment &environment)
    {
        if (variables.portGiven && !m_sources.contains("server.address")) {
            config().server.address = "::";
            m_sources["server.address"] = "default, as PORT is set";
        }
        const auto it = environment.find("STATE_DIRECTORY");
        if (it != environment.end() && !it->second.empty() && !m_sources.contains("server.state_dir")) {
            config().server.stateDir = it->second.substr(0, it->second.find(':'));
            m_sources["server.state_dir"] = it->first;
        }
    }

    std::vector<Provenance> rows()
    {
        std::vector<Provenance> result;
        const auto add = [&](const Option &option, const std::string &name, GatewayConfig &gateway,
                             const std::string &shownName) {
            const auto source = m_sources.find(name);
            result.push_back({shownName, shownValue(option, option.slot(config(), gateway)),
                              source == m_sources.end() ? "default" : source->second});
        };
        for (const Option &option : allOptions())
            add(option, option.name(), config().gateway, option.name());
        for (size_t i = 0; i < config().gateways.size(); ++i) {
            GatewayConfig &gateway = config().gateways[i];
            for (const Option &option : gatewayOptions())
                add(option, furtherGatewayName(i) + '.' + std::string(option.key), gateway,
                    "gateways." + gateway.id + '.' + std::string(option.key));
        }
        return result;
    }

    LoadedConfig m_loaded;
    SourceMap m_sources;
};

} // namespace

LoadedConfig loadConfig(const std::optional<ConfigText> &file, const Environment &environment)
{
    return Loader().load(file, environment);
}

LoadedConfig loadConfigFile(const std::optional<std::filesystem::path> &path, const Environment &environment)
{
    if (!path)
        return loadConfig(std::nullopt, environment);
    QFile file(QFile::decodeName(path->c_str()));
    const bool opened = file.open(QIODevice::ReadOnly);
    if (!opened || file.size() > maxFileBytes) {
        LoadedConfig failed;
        failed.errors.push_back(path->string() + ": cannot be read: " +
                                (opened ? "it is larger than 4 MiB" : file.errorString().toStdString()));
        return failed;
    }
    return loadConfig(ConfigText{path->string(), file.readAll().toStdString()}, environment);
}

} // namespace mws
