#pragma once

#include <string_view>

namespace mws {

/// What docs/configuration.md says before its tables.
inline constexpr std::string_view configurationIntroduction =
    R"(<!-- Made by `mws-gateway --print-options-markdown`; a test compares. Change src/config instead. -->
# Configuration

Everything has a default: with nothing set the gateway listens on 127.0.0.1:8080, has one gateway in mode `none`, and
says so in its log. Four sources are laid over each other, the later ones win:

1. the defaults below,
2. the file given by `--config FILE` or `MWS_CONFIG` (TOML; `config/gateway.toml` has every key, commented out),
3. the environment: `MWS_<SECTION>_<KEY>` for every key of the file, and the older names in the tables,
4. what PUT configuration and the operator's calls stored in the state folder (`gateways.json`).

`mws-gateway --print-config` shows each value and where it came from, secrets only as `(set)`. `mws-gateway
--check-config` only checks, names everything that is wrong, and exits 2 if there is something. Sections and keys that do
not exist are errors, so that a misspelt name cannot go unnoticed; so are variables that start with `MWS_`.

- **Durations** are whole seconds (`45`) or a text with a unit: `"500ms"`, `"45s"`, `"5m"`, `"24h"`, `"7d"`.
- **Sizes** are bytes (`1024`) or a text with a unit: `"64KiB"`, `"1MiB"`, `"1GiB"`.
- **Lists** in a variable are separated by commas: `MWS_GATEWAY_PERMISSIONS_READ="users.5419,usergroups.admins"`.
- A variable that is empty counts as not set. Two variables that set one option must agree.
- `PORT` in the environment and no address anywhere: the gateway listens on all addresses, IPv4 and IPv6.
- An entry of `security_tokens` may end: `"TOKEN 2026-12-01T00:00:00Z"`. It is good until then, without a restart.
- `EDS_PERMISSIONS` sets both lists of permissions as JSON: `{"read": ["*"], "write": ["users.5419"]}`.
- `REDIS_URL` says it all; `REDIS_PASSWORD` fills in what it leaves out. `REDIS_HOST` beside it is an error.
- The state folder is `MWS_SERVER_STATE_DIR`, else the file's `state_dir`, else `$STATE_DIRECTORY`, else `./state`. Where it
  cannot be written, signing keys live in memory, changes of gateways answer 503, and nothing else suffers. A broken
  `gateways.json` stops the start with its line and the reason, and is never overwritten.
- **Change by**: `reload` is in force without a restart, by SIGHUP or when the file has changed (`watch_config`); what is marked
  `restart` keeps its value until then, and the log says so. A file with a mistake changes nothing at all: see
  [reloading.md](reloading.md). The environment is the process's own and does not change.
- `[[gateways]]` are further gateways, with the keys of `[gateway]`; the environment describes only the default one.

## Options
)";

/// What it says after them.
inline constexpr std::string_view configurationJsonChapter = R"(
## GET and PUT configuration

`GET /v1/configuration` (or `/v1/gateways/{id}/configuration`) answers the whole configuration, keys in this order:

```json
{"name":"Players","identityProvider":{"type":"eds","edsUri":"https://api.example.com","backendId":"4f2a"},
"permissions":{"read":["*"],"write":["users.5419"]},"accessControl":"eds","clientMessages":"ignore",
"allowedOrigins":["*"],"subprotocols":null,"anonymousSockets":{"enabled":false,"tags":[]},
"limits":{"tagsPerSocket":64,"tagLength":128,"tagBytes":2048,"receiversPerMessage":10000,"messagesPerBatch":1000,
"queueBytes":1048576,"clientMessageBytes":1048576,"clientMessageFragments":1024,"controlFramesPerSecond":100,
"sockets":0,"reservations":1000000,"reservation":300,"slowReaders":"close","messagesPerSecond":0,
"reservationsPerSecond":0,"socketsPerSecond":0,"clientMessagesPerSecond":0,"socketsPerAddress":0,"burst":1},"events":null,"reuse":false,"publicUrl":null}
```

(without the line breaks). PUT takes an object with any of these keys and changes just what it names, objects member by
member: `{"limits": {"sockets": 500}}` leaves the other limits alone. `null` goes back to what file and environment say, for a
member (`{"limits": {"sockets": null}}`) or a whole object (`{"limits": null}`).

- `identityProvider`: `null` if there is none; `type` may be left out; `edsBackendId` is taken for `backendId`. In access control
  `jwt` it is `{"type":"jwt","jwksUri":…,"issuer":…,"audience":[…],"algorithms":[…],"leeway":60}`. `jwksUri` is an http or https URL, and
  `null` where keys come from a file: files and secrets are set by file and environment only.
- `accessControl` `"jwt"` needs a key: `jwksUri`, or one of `jwt_secret`, `jwt_public_key`, `jwt_jwks` of file or environment.
- `subprotocols`: `null` is any, and is set by `["*"]`; `[]` is none.
- `publicUrl`: `null` is as the `[server]` section says.
- `anonymousSockets.enabled` needs `accessControl` `"none"`.
- Sizes are bytes, `limits.reservation` and `limits.burst` are seconds; the texts of the file (`"64KiB"`, `"5m"`) are taken too.
- `events` is `null` where nothing is told, else `{"url":…,"types":[…],"fold":0,"timeout":15,"giveUp":86400,"connect":false,
  "connectOptional":false,"connectTimeout":5}` (docs/events.md), its times in seconds. `events.secrets` can be set and is not shown.

A key that does not exist, or a value that is not allowed, is answered 422 with its property, such as `limits.sokets`,
and nothing changes. Secrets are never shown and, but for `events.secrets`, cannot be set here.
)";

/// The head of config/gateway.toml.
inline constexpr std::string_view exampleIntroduction =
    R"(## Configuration of the MWS gateway: every key with its default. Start with `mws-gateway --config FILE`.
##
## Take the single # away from what you change. Durations are seconds or "500ms", "45s", "5m", "24h"; sizes are bytes
## or "64KiB", "1MiB". The environment wins over this file (MWS_SERVER_PORT is `port` in [server]); docs/configuration.md
## has all names. `mws-gateway --config FILE --check-config` finds mistakes.
)";

/// Its end.
inline constexpr std::string_view exampleFurtherGateway = R"(
## A further gateway, reached at /v1/gateways/players/…:
##
## [[gateways]]
## id = "players"
## name = "Players"
## security_token = "…"
)";

} // namespace mws
