#include "mws/domain/permissions.h"

#include <algorithm>

namespace mws {

namespace {

bool contains(const std::vector<std::string> &subjects, std::string_view subject)
{
    return std::find(subjects.begin(), subjects.end(), subject) != subjects.end();
}

} // namespace

std::vector<std::string> Identity::subjects() const
{
    std::vector<std::string> result;
    result.reserve(groups.size() + 1);
    if (!userId.empty())
        result.push_back("users." + userId);
    for (const std::string &group : groups)
        if (!contains(result, group))
            result.push_back(group);
    return result;
}

bool Permissions::allows(Permission permission, const Identity &identity) const
{
    if (allowsEveryone(permission))
        return true;
    const auto &list = permission == Permission::Read ? read : write;
    const std::vector<std::string> subjects = identity.subjects();
    return std::any_of(subjects.begin(), subjects.end(),
                       [&list](const std::string &subject) { return contains(list, subject); });
}

bool Permissions::allowsEveryone(Permission permission) const
{
    return contains(permission == Permission::Read ? read : write, "*");
}

} // namespace mws
