#include "config/option.h"
#include "config/text_check.h"

#include <array>

namespace mws {

namespace {

using Service = ServiceConfig;
using Own = GatewayConfig;

constexpr int64_t second = 1000;
constexpr int64_t hour = 3600 * second;
constexpr int64_t kibibyte = 1024;
constexpr int64_t mebibyte = 1024 * kibibyte;

constexpr std::array levelWords{
    Word{"trace", int(LogLevel::Trace)},
    Word{"debug", int(LogLevel::Debug)},
    Word{"info", int(LogLevel::Info)},
    Word{"warning", int(LogLevel::Warning)},
    Word{"error", int(LogLevel::Error)},
    Word{"off", int(LogLevel::Off)},
    Word{"warn", int(LogLevel::Warning), Word::Kind::Synonym},
    Word{"http", int(LogLevel::Debug), Word::Kind::Synonym},
    Word{"verbose", int(LogLevel::Debug), Word::Kind::Synonym},
    Word{"silly", int(LogLevel::Trace), Word::Kind::Synonym},
    Word{"silent", int(LogLevel::Off), Word::Kind::Synonym},
};

constexpr std::array clientCertificateWords{
    Word{"none", int(ClientCertificates::None)},
    Word{"optional", int(ClientCertificates::Optional)},
    Word{"required", int(ClientCertificates::Required)},
};

constexpr std::array tlsVersionWords{
    Word{"1.2", int(TlsVersion::Tls12)},
    Word{"1.3", int(TlsVersion::Tls13)},
};

constexpr std::array formatWords{
    Word{"auto", int(LogFormat::Auto)},
    Word{"text", int(LogFormat::Text)},
    Word{"json", int(LogFormat::Json)},
};

constexpr std::array accessLogWords{
    Word{"off", int(AccessLog::Off)},
    Word{"errors", int(AccessLog::Errors)},
    Word{"all", int(AccessLog::All)},
};

// clang-format off
std::vector<Option> connectionOptions()
{
    return {
        {.section = "server", .key = "address", .type = OptionType::Address, .defaultText = "\"127.0.0.1\"",
         .check = expectAddress, .slot = [](Service &s, Own &) -> Slot { return &s.server.address; },
         .sentence = "Address to listen on; `::` means all addresses, IPv4 included, and is the default when "
                     "`PORT` is set in the environment."},
        {.section = "server", .key = "port", .type = OptionType::Integer, .defaultText = "8080", .max = 65535,
         .variable = "PORT", .slot = [](Service &s, Own &) -> Slot { return &s.server.port; },
         .sentence = "Port for HTTP and WebSocket; 0 lets the system pick one."},
        {.section = "server", .key = "ops_address", .type = OptionType::Address, .defaultText = "\"127.0.0.1\"",
         .check = expectAddress, .slot = [](Service &s, Own &) -> Slot { return &s.server.opsAddress; },
         .sentence = "Address for `ops_port`, where there is one; not one that strangers reach, as it asks for no token."},
        {.section = "server", .key = "ops_port", .type = OptionType::Integer, .defaultText = "0", .max = 65535,
         .slot = [](Service &s, Own &) -> Slot { return &s.server.opsPort; },
         .sentence = "Port of its own for `/metrics`, which is then only there and needs no token, and for `/health`, which is "
                     "on both; plain HTTP. 0: no such port, and metrics are on `port`."},
        {.section = "server", .key = "workers", .type = OptionType::Integer, .defaultText = "0", .max = 1024,
         .slot = [](Service &s, Own &) -> Slot { return &s.server.workers; },
         .sentence = "Worker threads; 0 is one for each core."},
        {.section = "server", .key = "state_dir", .type = OptionType::Path, .defaultText = "\"./state\"",
         .slot = [](Service &s, Own &) -> Slot { return &s.server.stateDir; },
         .sentence = "Folder for what must survive a restart; the default is `$STATE_DIRECTORY` where systemd "
                     "sets it."},
        {.section = "server", .key = "public_url", .type = OptionType::Url, .defaultText = "\"\"",
         .check = expectUrl, .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.server.publicUrl; },
         .sentence = "Where clients reach this service, for the URIs that it issues; empty: `app_domain`, else "
                     "the request's Host."},
        {.section = "server", .key = "app_domain", .type = OptionType::Host, .defaultText = "\"\"",
         .check = expectHost, .reload = Reload::Live, .variable = "APP_DOMAIN",
         .slot = [](Service &s, Own &) -> Slot { return &s.server.appDomain; },
         .sentence = "Host, perhaps with a port, of issued URIs, whose scheme is then wss."},
        {.section = "server", .key = "trust_forwarded", .type = OptionType::Flag, .defaultText = "false",
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.server.trustForwarded; },
         .sentence = "Whether a proxy's X-Forwarded-Host and X-Forwarded-Proto are believed, for the URIs that are "
                     "issued, and the last address of X-Forwarded-For, for limits by address; only behind a proxy that sets them itself."},
        {.section = "server", .key = "direct_lane", .type = OptionType::Flag, .defaultText = "true",
         .slot = [](Service &s, Own &) -> Slot { return &s.server.directLane; },
         .sentence = "Whether messages, batches and webhooks are answered without Qt's HTTP server, which takes about "
                     "half the CPU and changes nothing else; `false` is for finding faults."},
        {.section = "server", .key = "watch_config", .type = OptionType::Flag, .defaultText = "true",
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.server.watchConfig; },
         .sentence = "Whether a change of the configuration file, or of the files of [tls], is put in force by itself, a "
                     "second or two later; `false`: only by SIGHUP."},
        {.section = "server", .key = "operator_token", .defaultText = "\"\"", .check = expectHeaderValue,
         .secrecy = Secrecy::Secret, .reload = Reload::Live, .variable = "OPERATOR_TOKEN",
         .slot = [](Service &s, Own &) -> Slot { return &s.server.operatorToken; },
         .sentence = "Bearer token for the operator's calls (`/v1/gateways`); without one they answer 401."},
        {.section = "server", .key = "console", .type = OptionType::Flag, .defaultText = "true",
         .slot = [](Service &s, Own &) -> Slot { return &s.server.console; },
         .sentence = "Whether the console is there, the operator's pages at `/console`; `false` answers 404."},
        {.section = "server", .key = "worker_queue_bytes", .type = OptionType::Size,
         .defaultText = "\"256MiB\"", .unit = "bytes", .min = mebibyte, .max = 1024 * 1024 * mebibyte,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.server.workerQueueBytes; },
         .sentence = "What the queues of one worker may hold together; over it the sockets for which most waits are "
                     "handled as their gateway's `slow_readers` says."},
        {.section = "server", .key = "drain", .type = OptionType::Duration, .defaultText = "\"20s\"",
         .unit = "seconds", .max = hour, .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.server.drain; },
         .sentence = "Longest time that stopping takes, for sockets to take what was accepted; they are closed "
                     "with 1001 one after the other."},
        {.section = "server", .key = "drain_delay", .type = OptionType::Duration, .defaultText = "\"0s\"",
         .unit = "seconds", .max = hour, .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.server.drainDelay; },
         .sentence = "Time before that in which `/health/ready` is 503 and all else goes on, for a load balancer "
                     "to take note."},
        {.section = "server", .key = "token_grace", .type = OptionType::Duration, .defaultText = "\"24h\"",
         .unit = "seconds", .max = 365 * 24 * hour,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.server.tokenGrace; },
         .sentence = "How long a security token stays good after it was rotated out."},

        {.section = "http", .key = "head_bytes", .type = OptionType::Size, .defaultText = "\"16KiB\"",
         .unit = "bytes", .min = kibibyte, .max = mebibyte,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.http.headBytes; },
         .sentence = "Longest request head; more is answered 431."},
        {.section = "http", .key = "target_bytes", .type = OptionType::Size, .defaultText = "\"8KiB\"",
         .unit = "bytes", .min = 256, .max = mebibyte,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.http.targetBytes; },
         .sentence = "Longest request target; more is answered 414."},
        {.section = "http", .key = "fields", .type = OptionType::Integer, .defaultText = "100", .min = 8,
         .max = 10000, .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.http.fields; },
         .sentence = "Most header fields of a request; more are answered 431."},
        {.section = "http", .key = "body_bytes", .type = OptionType::Size, .defaultText = "\"1MiB\"",
         .unit = "bytes", .min = kibibyte, .max = 1024 * mebibyte,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.http.bodyBytes; },
         .sentence = "Longest request body; more is answered 413."},
        {.section = "http", .key = "head_timeout", .type = OptionType::Duration, .defaultText = "\"10s\"",
         .unit = "seconds", .min = 100, .max = hour,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.http.headTimeout; },
         .sentence = "Longest time from a request's first byte to its whole head."},
        {.section = "http", .key = "body_timeout", .type = OptionType::Duration, .defaultText = "\"10s\"",
         .unit = "seconds", .min = 100, .max = hour,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.http.bodyTimeout; },
         .sentence = "Longest time without a byte of a body that has begun."},
        {.section = "http", .key = "body_rate", .type = OptionType::Integer, .defaultText = "500",
         .unit = "bytes per second", .max = 1000000000,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.http.bodyRate; },
         .sentence = "Least average at which a body must arrive after its first 10 s, else it is "
                     "answered 408; 0 is any."},
        {.section = "http", .key = "held_bytes", .type = OptionType::Size, .defaultText = "\"128MiB\"",
         .unit = "bytes", .min = mebibyte, .max = 1024 * 1024 * mebibyte,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.http.heldBytes; },
         .sentence = "Most that one worker holds of bodies and of WebSocket messages that have not arrived whole; "
                     "a body beyond it is answered 503, a message closes with 1008."},
        {.section = "http", .key = "idle_timeout", .type = OptionType::Duration, .defaultText = "\"75s\"",
         .unit = "seconds", .min = 100, .max = 24 * hour,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.http.idleTimeout; },
         .sentence = "How long a connection may stay open between two requests."},
        {.section = "http", .key = "json_depth", .type = OptionType::Integer, .defaultText = "64", .min = 4,
         .max = 512, .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.http.jsonDepth; },
         .sentence = "Deepest nesting of a JSON body; deeper is answered 422."},

        {.section = "tls", .key = "certificate", .type = OptionType::Path, .defaultText = "\"\"",
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.tls.certificate; },
         .sentence = "File in PEM form with the certificate and after it its chain; the port then speaks https and "
                     "wss only. Read again when it changes and on SIGHUP."},
        {.section = "tls", .key = "key", .type = OptionType::Path, .defaultText = "\"\"",
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.tls.key; },
         .sentence = "File in PEM form with the certificate's private key, not encrypted. Read again when it changes and on SIGHUP."},
        {.section = "tls", .key = "client_certificates", .type = OptionType::Word, .defaultText = "\"none\"",
         .words = clientCertificateWords, .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.tls.clientCertificates; },
         .sentence = "Whether clients show a certificate of their own: `optional` checks the one that is shown, "
                     "`required` refuses who shows none."},
        {.section = "tls", .key = "client_ca", .type = OptionType::Path, .defaultText = "\"\"",
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.tls.clientCa; },
         .sentence = "File in PEM form with the authorities whose client certificates are good. Read again when it changes and on SIGHUP."},
        {.section = "tls", .key = "minimum_version", .type = OptionType::Word, .defaultText = "\"1.2\"",
         .words = tlsVersionWords, .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.tls.minimumVersion; },
         .sentence = "Oldest version of TLS that is spoken."},
        {.section = "tls", .key = "handshake_timeout", .type = OptionType::Duration, .defaultText = "\"10s\"",
         .unit = "seconds", .min = 100, .max = hour,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.tls.handshakeTimeout; },
         .sentence = "Longest time from the connection to the end of TLS's handshake."},

        {.section = "websocket", .key = "handshake_timeout", .type = OptionType::Duration,
         .defaultText = "\"10s\"", .unit = "seconds", .min = 100, .max = hour,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.webSocket.handshakeTimeout; },
         .sentence = "Longest time from the request to the upgraded socket."},
        {.section = "websocket", .key = "ping_interval", .type = OptionType::Duration,
         .defaultText = "\"45s\"", .unit = "seconds", .min = second, .max = 59 * second,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.webSocket.pingInterval; },
         .sentence = "Time between two pings of a socket."},
        {.section = "websocket", .key = "pong_timeout", .type = OptionType::Duration,
         .defaultText = "\"25s\"", .unit = "seconds", .min = 100, .max = hour,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.webSocket.pongTimeout; },
         .sentence = "A socket from which no pong came within this time of its ping is dropped."},
        {.section = "websocket", .key = "close_timeout", .type = OptionType::Duration,
         .defaultText = "\"5s\"", .unit = "seconds", .min = 100, .max = hour,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.webSocket.closeTimeout; },
         .sentence = "How long the answer to a close frame is awaited."},
        {.section = "websocket", .key = "message_timeout", .type = OptionType::Duration,
         .defaultText = "\"2m\"", .unit = "seconds", .min = 100, .max = 24 * hour,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.webSocket.messageTimeout; },
         .sentence = "Longest time from the first byte of a client's message to its last, else its socket is closed "
                     "with 1008; looked at when more of it comes and when the next ping or pong is due."},
        {.section = "websocket", .key = "slow_reader_timeout", .type = OptionType::Duration,
         .defaultText = "\"30s\"", .unit = "seconds", .min = second, .max = hour,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.webSocket.slowReaderTimeout; },
         .sentence = "A socket that has taken nothing for so long of what waits for it is closed with 1013; looked "
                     "at when its next ping or pong is due."},
    };
}

std::vector<Option> laterOptions()
{
    return {
        {.section = "identity", .key = "timeout", .type = OptionType::Duration, .defaultText = "\"2s\"",
         .unit = "seconds", .min = 50, .max = 60 * second,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.identity.timeout; },
         .sentence = "How long the answer of an identity provider, or of a URL with keys, is awaited; then 503."},
        {.section = "identity", .key = "cache", .type = OptionType::Duration, .defaultText = "\"30s\"",
         .unit = "seconds", .max = 24 * hour, .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.identity.cache; },
         .sentence = "How long a good answer of the identity provider is believed; 0 asks every time."},
        {.section = "identity", .key = "keys_interval", .type = OptionType::Duration, .defaultText = "\"1m\"",
         .unit = "seconds", .min = 100, .max = hour,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.identity.keysInterval; },
         .sentence = "Shortest time between two loads of the keys of a gateway in mode `jwt`, whatever asks for them."},
        {.section = "identity", .key = "keys_life", .type = OptionType::Duration, .defaultText = "\"10m\"",
         .unit = "seconds", .min = second, .max = 24 * hour,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.identity.keysLife; },
         .sentence = "Age at which keys from a URL that are in use are fetched anew; a key that was withdrawn there is "
                     "good for that long."},

        {.section = "log", .key = "level", .type = OptionType::Word, .defaultText = "\"info\"",
         .words = levelWords, .reload = Reload::Live, .variable = "LOG_LEVEL",
         .slot = [](Service &s, Own &) -> Slot { return &s.log.level; },
         .sentence = "Least important events that are written."},
        {.section = "log", .key = "format", .type = OptionType::Word, .defaultText = "\"auto\"",
         .words = formatWords, .slot = [](Service &s, Own &) -> Slot { return &s.log.format; },
         .sentence = "Form of a line on standard error; `auto` is text."},
        {.section = "log", .key = "access", .type = OptionType::Word, .defaultText = "\"off\"",
         .words = accessLogWords, .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.log.access; },
         .sentence = "Whether each HTTP request and each WebSocket that ends has a line, whatever the level; `errors`: only those "
                     "that were refused, or ended other than with 1000 or 1001."},

        {.section = "metrics", .key = "gateways", .type = OptionType::Integer, .defaultText = "100", .max = 100000,
         .slot = [](Service &s, Own &) -> Slot { return &s.metrics.gateways; },
         .sentence = "How many gateways have a label of their own on the metrics page, some 13 samples each; further ones are "
                     "added up as `_other`."},
    };
}
// clang-format on

} // namespace

std::vector<Option> serviceOptions()
{
    std::vector<Option> all = connectionOptions();
    for (const std::vector<Option> &rows : {addressLimitOptions(), redisOptions(), laterOptions()})
        all.insert(all.end(), rows.begin(), rows.end());
    return all;
}

} // namespace mws
