#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// Who asks, as an identity provider knows them.
struct Identity
{
    std::string userId; ///< empty: a JWT without `sub`; then only groups and `*` count
    std::vector<std::string>
        groups; ///< subjects, e.g. `usergroups.5419…`; a group given as a plain string is itself

    /// `users.ID` (if there is a user) and each group: the tags that a user's socket carries, and the
    /// subjects that permissions name.
    std::vector<std::string> subjects() const;
    friend bool operator==(const Identity &, const Identity &) = default;
};

enum class Permission { Read, Write };

/// `{"read": [subject…], "write": [subject…]}`; a subject is `*` or objectType.id (`users.ID`,
/// `usergroups.ID`).
struct Permissions
{
    std::vector<std::string> read;
    std::vector<std::string> write;

    bool allows(Permission permission, const Identity &identity) const;
    /// True where `*` has it, that is: also for somebody without an identity.
    bool allowsEveryone(Permission permission) const;
    friend bool operator==(const Permissions &, const Permissions &) = default;
};

} // namespace mws
