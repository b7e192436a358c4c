#pragma once

#include "mws/base/clock.h"
#include "mws/base/secret.h"
#include "mws/domain/identifiers.h"
#include "mws/domain/limits.h"
#include "mws/domain/permissions.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// Who may read and write; the table in CONTRACT.md says what each mode means.
enum class AccessControl { None, Eds, Custom, Jwt };

/// What is done with what a client sends.
enum class ClientMessages {
    Ignore,
    Echo,    ///< back to the sender
    Relay,   ///< to every other socket that shares a tag with the sender; to every other one if it has none
    Publish, ///< it is a message object as in POST messages
    Webhook, ///< an event for the backend
};

/// As configuration, reservations and tokens write it.
std::string_view nameOf(ClientMessages policy);
std::optional<ClientMessages> clientMessagesNamed(std::string_view name);
/// Whether a reservation may set `own` where the gateway says `ofGateway`: the same, or less. An echo is less
/// than anything that others learn of.
bool mayNarrow(ClientMessages ofGateway, ClientMessages own);

/// What access tokens of mode `jwt` must be. A shared secret is Gateway::jwtSecret.
struct JwtProvider
{
    std::string publicKeyFile; ///< PEM; by file and environment only
    std::string jwks;          ///< http(s) URL of a JWK Set, or a file (that by file and environment only)
    std::string issuer;        ///< `iss`; empty: any
    std::vector<std::string>
        audience; ///< `aud` must name one of them; `*`: any, or none; empty: there must be none
    std::vector<std::string> algorithms{"HS256", "RS256", "ES256"};
    std::chrono::seconds leeway{60}; ///< how far the clocks may differ
    friend bool operator==(const JwtProvider &, const JwtProvider &) = default;
};

/// Where access tokens are checked, in modes `eds` and `jwt`.
struct IdentityProvider
{
    std::string edsUri;    ///< http(s) URL; its path defaults to /v1/user
    std::string backendId; ///< sent as Enginio-Backend-Id
    JwtProvider jwt = {};
    friend bool operator==(const IdentityProvider &, const IdentityProvider &) = default;
};

/// A security token of a gateway, known only by its digest.
struct SecurityToken
{
    SecretDigest digest;
    std::optional<WallTime> validUntil; ///< set for one that was rotated out, or was given for a time
    friend bool operator==(const SecurityToken &, const SecurityToken &) = default;
};

/// A key that signs socket tokens (HMAC-SHA256), at least 32 bytes.
struct SigningKey
{
    std::string bytes;
    std::optional<WallTime> validUntil; ///< set for one that was rotated out: it verifies, but signs no more
    friend bool operator==(const SigningKey &, const SigningKey &) = default;
};

/// Opens a socket path without a token; only in mode `none`.
struct AnonymousSockets
{
    bool enabled = false;
    std::vector<Tag> tags;
    friend bool operator==(const AnonymousSockets &, const AnonymousSockets &) = default;
};

/// What a backend can be told about sockets.
enum class EventType {
    Connected,
    Disconnected,
    Message,
    Connect, ///< a question: may this socket open? Not queued, and none of EventSettings::types
};

/// `connected`, as configuration writes it.
std::string_view nameOf(EventType type);

/// Where events about sockets are POSTed, and how; see docs/events.md.
struct EventSettings
{
    std::string url;                  ///< http or https; empty: nothing is told
    std::vector<std::string> secrets; ///< `whsec_…`; each one signs
    std::vector<std::string> types{"connected", "disconnected", "message"};
    std::chrono::seconds fold{0};          ///< within it, a new connection undoes a disconnect; 0: off
    std::chrono::seconds timeout{15};      ///< of one attempt
    std::chrono::seconds giveUp{86400};    ///< after it, an event is not tried again
    std::chrono::milliseconds pause{5000}; ///< before the second attempt; see RetrySchedule
    uint64_t queueEvents = 100000;         ///< that wait
    uint64_t queueBytes = 64 << 20;        ///< of their bodies
    bool connect = false;                  ///< the backend is asked before a socket opens
    bool connectOptional = false;          ///< it opens all the same where the backend does not answer
    std::chrono::seconds connectTimeout{5};
    bool allowPrivate = false; ///< addresses that are not public; by file and environment only

    bool wants(EventType type) const;
    friend bool operator==(const EventSettings &, const EventSettings &) = default;
};

/// What PUT configuration can change.
struct GatewaySettings
{
    std::string name;
    AccessControl accessControl = AccessControl::None;
    Permissions permissions;
    IdentityProvider identityProvider;
    ClientMessages clientMessages = ClientMessages::Ignore;
    std::vector<std::string> allowedOrigins;              ///< `*`: any, exact, or `https://*.example.com`
    std::optional<std::vector<std::string>> subprotocols; ///< absent: the first one offered
    AnonymousSockets anonymousSockets;
    bool reuse = false;    ///< an issued URI opens again until it expires, one socket at a time
    std::string publicUrl; ///< where clients reach this gateway, e.g. `https://push.example.com`; empty: see
                           ///< ApiConfig
    Limits limits;
    EventSettings events;
    friend bool operator==(const GatewaySettings &, const GatewaySettings &) = default;
};

/// One tenant, as of one moment. Immutable once it is in a GatewayTable, and shared by all threads.
struct Gateway
{
    GatewayId id;
    uint32_t serial = 0; ///< of this incarnation: a gateway made anew under an old id is another one
    GatewaySettings settings;
    std::vector<SecurityToken> securityTokens;
    std::vector<SigningKey> signingKeys; ///< the first one signs
    std::string jwtSecret;               ///< verifies HS256 access tokens in mode `jwt`; empty: none

    /// Constant time for each token; expired ones do not count.
    bool isSecurityToken(std::string_view candidate, WallTime now) const;
};

/// The gateway of the console, whose key comes from that of `base`, so that the nodes of a cluster agree on
/// it. Null where `base` has no key yet.
std::shared_ptr<const Gateway> makeConsoleGateway(const Gateway &base);

/// All gateways, as of one moment. Immutable; a change makes a new table.
struct GatewayTable
{
    std::map<GatewayId, std::shared_ptr<const Gateway>, std::less<>> gateways;
    GatewayId defaultId;
    std::shared_ptr<const Gateway> console; ///< not among `gateways`; null: there is no console

    /// Null if there is none of that id.
    std::shared_ptr<const Gateway> find(std::string_view id) const;
};

} // namespace mws
