#include "config/environment.h"

#include "config/near_name.h"
#include "config/text_check.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <iterator>
#include <unistd.h>

namespace mws {

namespace {

constexpr std::string_view notOptions[] = {"MWS_CONFIG", "MWS_URL"}; // for the command line

std::string valueOf(const Environment &environment, const std::string &name)
{
    const auto it = environment.find(name);
    return it == environment.end() ? std::string() : it->second;
}

/// `["a", "b"]` or absent.
std::optional<std::vector<std::string>> stringList(const QJsonValue &value)
{
    if (!value.isArray())
        return std::nullopt;
    std::vector<std::string> result;
    for (const QJsonValue &item : value.toArray()) {
        if (!item.isString())
            return std::nullopt;
        result.push_back(item.toString().toStdString());
    }
    return result;
}

class Reader
{
public:
    explicit Reader(const Environment &environment) : m_environment(environment) {}

    EnvironmentContent read()
    {
        for (const Option &option : allOptions()) {
            add(option, option.environmentName());
            if (!option.variable.empty())
                add(option, std::string(option.variable));
        }
        readPermissions();
        refuseUnknown();
        m_content.portGiven = !valueOf(m_environment, "PORT").empty();
        return std::move(m_content);
    }

private:
    void add(const Option &option, const std::string &variable)
    {
        if (const std::string text = valueOf(m_environment, variable); !text.empty())
            add(option, variable, rawFromText(option, text));
    }

    void add(const Option &option, const std::string &variable, RawValue value)
    {
        for (const EnvironmentEntry &entry : m_content.entries) {
            if (entry.option != &option)
                continue;
            if (entry.value != value)
                m_content.problems.push_back(variable + ": differs from " + entry.variable +
                                             ", which sets the same (" + option.name() +
                                             "); unset one of them");
            return;
        }
        m_content.entries.push_back({&option, variable, std::move(value)});
    }

    /// EDS_PERMISSIONS={"read": ["*"], "write": ["users.5419"]}
    void readPermissions()
    {
        const std::string variable = "EDS_PERMISSIONS";
        const std::string text = valueOf(m_environment, variable);
        if (text.empty())
            return;
        const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromStdString(text));
        const QJsonObject object = document.object();
        bool good = document.isObject();
        for (auto it = object.begin(); it != object.end(); ++it) {
            const std::string key = it.key().toStdString();
            const auto subjects = stringList(it.value());
            good = good && subjects && (key == "read" || key == "write");
            if (good)
                add(*findJsonOption("permissions." + key), variable, *subjects);
        }
        if (!good)
            m_content.problems.push_back(
                variable + ": expected JSON such as {\"read\": [\"*\"], \"write\": [\"users.5419\"]}");
    }

    void refuseUnknown()
    {
        std::vector<std::string> known(std::begin(notOptions), std::end(notOptions));
        for (const Option &option : allOptions())
            known.push_back(option.environmentName());
        for (const auto &[name, value] : m_environment)
            if (name.starts_with("MWS_") && std::find(known.begin(), known.end(), name) == known.end())
                m_content.problems.push_back(onOneLine(name) + ": no option has this name" +
                                             didYouMean(name, known));
    }

    const Environment &m_environment;
    EnvironmentContent m_content;
};

} // namespace

Environment processEnvironment()
{
    Environment environment;
    for (char **entry = ::environ; entry && *entry; ++entry) {
        const std::string_view text(*entry);
        const size_t equals = text.find('=');
        if (equals != std::string_view::npos && equals > 0)
            environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return environment;
}

EnvironmentContent readEnvironment(const Environment &environment)
{
    return Reader(environment).read();
}

} // namespace mws
