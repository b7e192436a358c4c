#include "config/option.h"

#include "config/option_value.h"

#include <gtest/gtest.h>
#include <set>

namespace mws {

TEST(Option, NamesAreUnique)
{
    std::set<std::string> names;
    for (const Option &option : allOptions()) {
        EXPECT_TRUE(names.insert(option.name()).second) << option.name();
        EXPECT_TRUE(names.insert(option.environmentName()).second) << option.name();
        EXPECT_TRUE(option.variable.empty() || names.insert(std::string(option.variable)).second);
        EXPECT_TRUE(option.json.empty() || names.insert("json " + std::string(option.json)).second);
        EXPECT_TRUE(option.sentence.ends_with('.')) << option.name();
    }
}

TEST(Option, EnvironmentNameIsMadeOfSectionAndKey)
{
    EXPECT_EQ(findOption("server", "state_dir")->environmentName(), "MWS_SERVER_STATE_DIR");
}

TEST(Option, IsNotFoundByAnEmptyJsonPath)
{
    EXPECT_EQ(findJsonOption(""), nullptr);
    EXPECT_EQ(findJsonOption("limits.sockets"), findOption("gateway", "sockets"));
}

TEST(Option, DefaultsOfTableAndStructAreTheSame)
{
    ServiceConfig service;
    for (const Option &option : allOptions()) {
        const Slot slot = option.slot(service, service.gateway);
        const bool secret = option.secrecy == Secrecy::Secret;
        const std::string expected(secret ? "(not set)" : option.defaultText);
        EXPECT_EQ(shownValue(option, slot), expected) << option.name();
    }
}

} // namespace mws
