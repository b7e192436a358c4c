#pragma once

#include "config/service_config.h"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mws {

/// What may stand for an option's value.
enum class OptionType { Text, Word, Flag, Integer, Size, Duration, TextList, Address, Url, Host, Path, Key };

enum class Secrecy { Public, Secret };

/// Whether an option can change while the service runs.
enum class Reload {
    AtStart, ///< it needs a restart
    Live,    ///< by SIGHUP or a change of the file; those of gateways always can
};

/// One of the words that an option of type Word takes; compared without regard to case.
struct Word
{
    enum class Kind { Listed, Synonym };
    std::string_view text;
    int value = 0; ///< of the enumeration
    Kind kind = Kind::Listed;
};

/// Where an option's value lives.
using Slot =
    std::variant<bool *, uint16_t *, uint32_t *, uint64_t *, std::chrono::milliseconds *,
                 std::chrono::seconds *, std::string *, std::filesystem::path *, std::vector<std::string> *,
                 std::optional<std::vector<std::string>> *, AccessControl *, ClientMessages *, SlowReaders *,
                 LogLevel *, LogFormat *, AccessLog *, ClientCertificates *, TlsVersion *, RedisClusterMode *,
                 SecretDigest *, std::vector<SecurityToken> *, std::optional<SigningKey> *>;

/// Empty if `text` may stand there, else what was expected, e.g. `a numeric address`.
using TextCheck = std::string_view (*)(std::string_view text);

/// One row of the option table: parsing, environment names, --print-config, --help, PUT configuration and
/// docs/configuration.md all come from it.
struct Option
{
    std::string_view section; ///< `gateway` for those that each gateway has
    std::string_view key;
    OptionType type = OptionType::Text;
    std::string_view defaultText; ///< as TOML
    std::string_view unit = "";   ///< of a bare number
    int64_t min = 0;              ///< of the number, bytes or milliseconds
    int64_t max = std::numeric_limits<int64_t>::max();
    std::span<const Word> words = {};
    TextCheck check = nullptr; ///< of a text, or of each text of a list
    Secrecy secrecy = Secrecy::Public;
    Reload reload = Reload::AtStart;
    std::string_view variable = ""; ///< the old service's name beside MWS_<SECTION>_<KEY>
    std::string_view json = "";     ///< path in GET and PUT configuration
    TextCheck jsonCheck = nullptr;  ///< what PUT configuration may set, where that is less
    Slot (*slot)(ServiceConfig &, GatewayConfig &) = nullptr;
    std::string_view sentence;

    bool perGateway() const { return section == "gateway"; }
    bool reloads() const { return perGateway() || reload == Reload::Live; }
    std::string name() const;            ///< `server.port`
    std::string environmentName() const; ///< `MWS_SERVER_PORT`
};

/// The rows of [server], [http], [tls], [websocket], [limits], [redis], [identity], [log] and [metrics].
std::vector<Option> serviceOptions();
/// The rows of [limits].
std::vector<Option> addressLimitOptions();
/// The rows of [redis].
std::vector<Option> redisOptions();
/// The rows of [gateway] and [[gateways]].
std::vector<Option> gatewayOptions();
/// Those of them that are about rates and slow readers.
std::vector<Option> gatewayRateOptions();
/// Those that are about events for the backend.
std::vector<Option> eventOptions();

/// All rows, in the order of the documentation.
const std::vector<Option> &allOptions();

/// Null if there is none.
const Option *findOption(std::string_view section, std::string_view key);
/// The row with that path in the JSON configuration; null if there is none.
const Option *findJsonOption(std::string_view path);

} // namespace mws
