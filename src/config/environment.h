#pragma once

#include "config/option_value.h"

#include <map>
#include <string>
#include <vector>

namespace mws {

/// Variables and their values.
using Environment = std::map<std::string, std::string>;

/// The process's own.
Environment processEnvironment();

/// A variable that sets an option.
struct EnvironmentEntry
{
    const Option *option = nullptr;
    std::string variable;
    RawValue value;
};

struct EnvironmentContent
{
    std::vector<EnvironmentEntry> entries; ///< at most one for each option
    std::vector<std::string> problems;     ///< no value in them
    bool portGiven = false;                ///< `PORT` is set: a platform that wants to reach the service
};

/// What the variables of CONTRACT.md "Environment" say. One that is empty counts as not set; MWS_ variables
/// that name no option, and two variables that give one option different values, are problems.
EnvironmentContent readEnvironment(const Environment &environment);

} // namespace mws
