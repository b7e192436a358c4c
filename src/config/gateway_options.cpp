#include "config/option.h"
#include "config/text_check.h"

#include <array>

namespace mws {

namespace {

using Service = ServiceConfig;
using Own = GatewayConfig;

constexpr int64_t second = 1000;
constexpr int64_t kibibyte = 1024;
constexpr int64_t mebibyte = 1024 * kibibyte;

constexpr std::array accessWords{
    Word{"none", int(AccessControl::None)},
    Word{"eds", int(AccessControl::Eds)},
    Word{"custom", int(AccessControl::Custom)},
    Word{"jwt", int(AccessControl::Jwt)},
};

constexpr std::array clientMessageWords{
    Word{"ignore", int(ClientMessages::Ignore)},   Word{"echo", int(ClientMessages::Echo)},
    Word{"relay", int(ClientMessages::Relay)},     Word{"publish", int(ClientMessages::Publish)},
    Word{"webhook", int(ClientMessages::Webhook)},
};

// clang-format off
std::vector<Option> limitOptions()
{
    return {
        {.section = "gateway", .key = "tags_per_socket", .type = OptionType::Integer, .defaultText = "64",
         .max = 1024, .json = "limits.tagsPerSocket",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.tagsPerSocket; },
         .sentence = "Most tags of a socket."},
        {.section = "gateway", .key = "tag_length", .type = OptionType::Size, .defaultText = "128",
         .unit = "bytes", .min = 1, .max = 1024, .json = "limits.tagLength",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.tagLength; },
         .sentence = "Longest tag."},
        {.section = "gateway", .key = "tag_bytes", .type = OptionType::Size, .defaultText = "\"2KiB\"",
         .unit = "bytes", .min = 1, .max = 2 * kibibyte, .json = "limits.tagBytes",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.tagBytes; },
         .sentence = "All tags of a reservation together; they travel in its token."},
        {.section = "gateway", .key = "receivers_per_message", .type = OptionType::Integer,
         .defaultText = "10000", .min = 1, .max = 1000000, .json = "limits.receiversPerMessage",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.receiversPerMessage; },
         .sentence = "Most ids and tags that a message may name."},
        {.section = "gateway", .key = "messages_per_batch", .type = OptionType::Integer,
         .defaultText = "1000", .min = 1, .max = 100000, .json = "limits.messagesPerBatch",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.messagesPerBatch; },
         .sentence = "Most messages of one batch."},
        {.section = "gateway", .key = "queue_bytes", .type = OptionType::Size, .defaultText = "\"1MiB\"",
         .unit = "bytes", .min = kibibyte, .max = 1024 * mebibyte, .json = "limits.queueBytes",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.queueBytes; },
         .sentence = "What may wait for a socket that reads slowly; one message always fits."},
        {.section = "gateway", .key = "client_message_bytes", .type = OptionType::Size,
         .defaultText = "\"1MiB\"", .unit = "bytes", .min = 1, .max = 1024 * mebibyte,
         .json = "limits.clientMessageBytes",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.clientMessageBytes; },
         .sentence = "Longest message from a client, all fragments together; more closes with 1009."},
        {.section = "gateway", .key = "client_message_fragments", .type = OptionType::Integer,
         .defaultText = "1024", .min = 1, .max = 1000000, .json = "limits.clientMessageFragments",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.clientMessageFragments; },
         .sentence = "Most fragments of one message from a client; more close with 1008."},
        {.section = "gateway", .key = "control_frames_per_second", .type = OptionType::Integer,
         .defaultText = "100", .min = 1, .max = 1000000, .json = "limits.controlFramesPerSecond",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.controlFramesPerSecond; },
         .sentence = "Most control frames from a client in a second; more close with 1008."},
        {.section = "gateway", .key = "sockets", .type = OptionType::Integer, .defaultText = "0",
         .max = 1000000000, .json = "limits.sockets",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.sockets; },
         .sentence = "Most open sockets; 0 is no limit."},
        {.section = "gateway", .key = "reservations", .type = OptionType::Integer, .defaultText = "1000000",
         .min = 1, .max = 1000000000, .json = "limits.reservations",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.reservations; },
         .sentence = "Most issued URIs that are neither opened nor expired."},
        {.section = "gateway", .key = "reservation", .type = OptionType::Duration, .defaultText = "\"5m\"",
         .unit = "seconds", .min = second, .max = 24 * 3600 * second, .json = "limits.reservation",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.reservation; },
         .sentence = "How long an issued URI stays good, in whole seconds."},
    };
}

std::vector<Option> secretOptions()
{
    return {
        {.section = "gateway", .key = "security_token", .defaultText = "\"\"", .check = expectHeaderValue,
         .secrecy = Secrecy::Secret, .variable = "SECURITY_TOKEN",
         .slot = [](Service &, Own &g) -> Slot { return &g.securityToken; },
         .sentence = "The gateway's admin secret, sent as `Authorization: Bearer …`; without one the calls "
                     "that need it answer 401."},
        {.section = "gateway", .key = "security_tokens", .type = OptionType::TextList, .defaultText = "[]",
         .check = expectSecurityToken, .secrecy = Secrecy::Secret,
         .slot = [](Service &, Own &g) -> Slot { return &g.furtherSecurityTokens; },
         .sentence = "Further security tokens, all as good as the first. One may have an end behind a space: "
                     "`TOKEN 2026-12-01T00:00:00Z`; the log warns a week before."},
        {.section = "gateway", .key = "signing_key", .type = OptionType::Key, .defaultText = "\"\"",
         .secrecy = Secrecy::Secret, .slot = [](Service &, Own &g) -> Slot { return &g.signingKey; },
         .sentence = "Key that signs socket tokens, base64 of at least 32 bytes; empty: a random one, kept in "
                     "the state folder or, in a cluster, in Redis."},
    };
}

std::vector<Option> accessOptions()
{
    return {
        {.section = "gateway", .key = "access_control", .type = OptionType::Word, .defaultText = "\"none\"",
         .words = accessWords, .variable = "ACCESS_CONTROL", .json = "accessControl",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.accessControl; },
         .sentence = "Who may fetch URIs and post messages: anyone, bearers of Enginio access tokens with the "
                     "permission, only the security token, or bearers of JWTs with the permission."},
        {.section = "gateway", .key = "permissions_read", .type = OptionType::TextList, .defaultText = "[]",
         .check = expectSubject, .json = "permissions.read",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.permissions.read; },
         .sentence = "Subjects that may fetch URIs in modes `eds` and `jwt`: `*`, `users.ID`, `usergroups.ID`."},
        {.section = "gateway", .key = "permissions_write", .type = OptionType::TextList, .defaultText = "[]",
         .check = expectSubject, .json = "permissions.write",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.permissions.write; },
         .sentence = "Subjects that may post messages in modes `eds` and `jwt`."},
        {.section = "gateway", .key = "eds_uri", .type = OptionType::Url, .defaultText = "\"\"",
         .check = expectUrl, .variable = "EDS_URI", .json = "identityProvider.edsUri",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.identityProvider.edsUri; },
         .sentence = "Enginio server that checks access tokens; its path is `/v1/user` unless given."},
        {.section = "gateway", .key = "eds_backend_id", .defaultText = "\"\"", .check = expectHeaderValue,
         .variable = "EDS_BACKEND_ID", .json = "identityProvider.backendId",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.identityProvider.backendId; },
         .sentence = "Sent to the Enginio server as Enginio-Backend-Id."},
    };
}

std::vector<Option> jwtOptions()
{
    return {
        {.section = "gateway", .key = "jwt_secret", .defaultText = "\"\"", .check = expectJwtSecret,
         .secrecy = Secrecy::Secret, .slot = [](Service &, Own &g) -> Slot { return &g.jwtSecret; },
         .sentence = "Shared secret that verifies HS256 access tokens in mode `jwt`: its own bytes, at least 32."},
        {.section = "gateway", .key = "jwt_public_key", .defaultText = "\"\"", .check = expectFile,
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.identityProvider.jwt.publicKeyFile; },
         .sentence = "PEM file of public keys or certificates (RSA of 2048 bits or more, P-256) that verify access "
                     "tokens in mode `jwt`; read again when it changes."},
        {.section = "gateway", .key = "jwt_jwks", .type = OptionType::Url, .defaultText = "\"\"",
         .check = expectKeySource, .json = "identityProvider.jwksUri", .jsonCheck = expectKeyUrl,
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.identityProvider.jwt.jwks; },
         .sentence = "JWK Set that verifies access tokens in mode `jwt`: a file, or an http or https URL (PUT "
                     "configuration takes only that); read again when it changes, when keys are old, or when a "
                     "token names a key that is not known."},
        {.section = "gateway", .key = "jwt_issuer", .defaultText = "\"\"", .check = expectName,
         .json = "identityProvider.issuer",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.identityProvider.jwt.issuer; },
         .sentence = "What `iss` of an access token must be; empty: anything."},
        {.section = "gateway", .key = "jwt_audience", .type = OptionType::TextList, .defaultText = "[]",
         .check = expectAudience, .json = "identityProvider.audience",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.identityProvider.jwt.audience; },
         .sentence = "`aud` of an access token must name one of these; `*`: any, or none. Empty: a token that is "
                     "for an audience is refused."},
        {.section = "gateway", .key = "jwt_algorithms", .type = OptionType::TextList,
         .defaultText = "[\"HS256\", \"RS256\", \"ES256\"]", .min = 1, .check = expectJwtAlgorithm,
         .json = "identityProvider.algorithms",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.identityProvider.jwt.algorithms; },
         .sentence = "Algorithms that are taken, each only with a key of its own kind."},
        {.section = "gateway", .key = "jwt_leeway", .type = OptionType::Duration, .defaultText = "\"1m\"",
         .unit = "seconds", .max = 600 * second, .json = "identityProvider.leeway",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.identityProvider.jwt.leeway; },
         .sentence = "How far the issuer's clock may differ, for `exp` and `nbf`."},
    };
}

std::vector<Option> originOptions()
{
    return {
        {.section = "gateway", .key = "allowed_origins", .type = OptionType::TextList,
         .defaultText = "[\"*\"]", .min = 1, .check = expectOrigin, .json = "allowedOrigins",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.allowedOrigins; },
         .sentence = "Web origins that may call and connect: `*`, `https://app.example.com`, "
                     "`https://*.example.com` (every host below it), `null`; a port stands for itself."},
    };
}
// clang-format on

} // namespace

// clang-format off
std::vector<Option> gatewayOptions()
{
    std::vector<Option> all{
        {.section = "gateway", .key = "id", .defaultText = "\"default\"", .check = expectGatewayId,
         .variable = "GATEWAY_ID", .slot = [](Service &, Own &g) -> Slot { return &g.id; },
         .sentence = "Id in paths; the default gateway is also reached without one."},
        {.section = "gateway", .key = "name", .defaultText = "\"\"", .check = expectName, .json = "name",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.name; },
         .sentence = "Name for people."},
    };
    const auto append = [&all](const std::vector<Option> &rows) { all.insert(all.end(), rows.begin(), rows.end()); };
    append(secretOptions());
    append(accessOptions());
    append(jwtOptions());
    append(originOptions());
    append({
        {.section = "gateway", .key = "client_messages", .type = OptionType::Word,
         .defaultText = "\"ignore\"", .words = clientMessageWords, .json = "clientMessages",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.clientMessages; },
         .sentence = "What is done with what a client sends."},
        {.section = "gateway", .key = "subprotocols", .type = OptionType::TextList, .defaultText = "[\"*\"]",
         .check = expectSubprotocol, .json = "subprotocols",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.subprotocols; },
         .sentence = "WebSocket subprotocols that may be chosen; `*`: the first one offered."},
        {.section = "gateway", .key = "anonymous_sockets", .type = OptionType::Flag, .defaultText = "false",
         .json = "anonymousSockets.enabled",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.anonymousSockets.enabled; },
         .sentence = "Whether the socket path opens without a token; only in mode `none`."},
        {.section = "gateway", .key = "anonymous_tags", .type = OptionType::TextList, .defaultText = "[]",
         .check = expectTag, .json = "anonymousSockets.tags",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.anonymousSockets.tags; },
         .sentence = "Tags of sockets that opened without a token."},
        {.section = "gateway", .key = "reuse", .type = OptionType::Flag, .defaultText = "false",
         .json = "reuse", .slot = [](Service &, Own &g) -> Slot { return &g.settings.reuse; },
         .sentence = "Whether an issued URI opens again until it expires, one socket at a time."},
        {.section = "gateway", .key = "public_url", .type = OptionType::Url, .defaultText = "\"\"",
         .check = expectUrl, .json = "publicUrl",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.publicUrl; },
         .sentence = "Where clients reach this gateway; empty: as [server] says."},
    });
    append(eventOptions());
    append(limitOptions());
    append(gatewayRateOptions());
    return all;
}
// clang-format on

} // namespace mws
