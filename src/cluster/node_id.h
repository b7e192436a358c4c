#pragma once

#include <string>

namespace mws {

/// A node of the cluster: 16 letters and digits, made anew at every start of a process, so that what was
/// meant for an earlier life of it reaches nobody.
using NodeId = std::string;

/// Thread: any.
NodeId randomNodeId();

} // namespace mws
