#include "mws/domain/permissions.h"

#include <gtest/gtest.h>

namespace mws {

TEST(Identity, SubjectsAreTheUserAndItsGroups)
{
    const Identity identity{"42", {"usergroups.admins", "staff", "usergroups.admins"}};
    EXPECT_EQ(identity.subjects(), (std::vector<std::string>{"users.42", "usergroups.admins", "staff"}));
}

TEST(Permissions, AllowEachForItselfByUserGroupOrEverybody)
{
    const Permissions permissions{{"users.42"}, {"usergroups.admins"}};
    const Identity user{"42", {}};
    const Identity admin{"7", {"usergroups.admins"}};
    EXPECT_TRUE(permissions.allows(Permission::Read, user));
    EXPECT_FALSE(permissions.allows(Permission::Write, user));
    EXPECT_FALSE(permissions.allows(Permission::Read, admin));
    EXPECT_TRUE(permissions.allows(Permission::Write, admin));
    EXPECT_FALSE(permissions.allowsEveryone(Permission::Read));

    const Permissions open{{"*"}, {}};
    EXPECT_TRUE(open.allows(Permission::Read, user));
    EXPECT_TRUE(open.allowsEveryone(Permission::Read));
    EXPECT_FALSE(open.allows(Permission::Write, user));
}

} // namespace mws
