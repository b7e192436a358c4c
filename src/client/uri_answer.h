#pragma once

#include "mws/client/mws_client.h"

namespace mws::client {

/// Reads what `GET websocket_uri` and `POST sockets` answer; `askedAt` is where it came from.
/// An answer that cannot be used is failed(), with what is wrong with it: a proxy's page may be gone the next
/// time.
MwsUriAnswer parseUriAnswer(const QByteArray &body, const QUrl &askedAt);

/// What is wrong with a URI to be opened; empty if nothing. Where `askedAt` is https it must be wss.
QString complaintAbout(const QUrl &uri, const QUrl &askedAt = {});

} // namespace mws::client
