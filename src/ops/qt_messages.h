#pragma once

namespace mws {

/// From now on what Qt itself has to say (qWarning and the like) goes to the log, so that standard error
/// holds nothing but its lines. Call on the main thread before other threads start.
void logQtMessages();

} // namespace mws
