#pragma once

#include <QtGlobal>

namespace mws::qtcompat {

/// Requests that one FeedSocket serves: Qt 6.8 connects readyRead once more with each asynchronous answer.
inline constexpr int requestsPerConnection = QT_VERSION < QT_VERSION_CHECK(6, 5, 0) ? 1 << 30 : 64;

} // namespace mws::qtcompat
