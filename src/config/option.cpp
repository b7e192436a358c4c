#include "config/option.h"

#include <algorithm>
#include <cctype>

namespace mws {

std::string Option::name() const
{
    return std::string(section) + '.' + std::string(key);
}

std::string Option::environmentName() const
{
    std::string result = "MWS_" + std::string(section) + '_' + std::string(key);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return char(std::toupper(c)); });
    return result;
}

const std::vector<Option> &allOptions()
{
    static const std::vector<Option> options = [] {
        std::vector<Option> all = serviceOptions();
        const std::vector<Option> ofGateways = gatewayOptions();
        all.insert(all.end(), ofGateways.begin(), ofGateways.end());
        return all;
    }();
    return options;
}

const Option *findOption(std::string_view section, std::string_view key)
{
    const auto &all = allOptions();
    const auto it = std::find_if(all.begin(), all.end(), [&](const Option &option) {
        return option.section == section && option.key == key;
    });
    return it == all.end() ? nullptr : &*it;
}

const Option *findJsonOption(std::string_view path)
{
    const auto &all = allOptions();
    const auto it = std::find_if(all.begin(), all.end(),
                                 [&](const Option &option) { return !path.empty() && option.json == path; });
    return it == all.end() ? nullptr : &*it;
}

} // namespace mws
