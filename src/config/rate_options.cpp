#include "config/option.h"
#include "config/text_check.h"

#include <array>

namespace mws {

namespace {

using Service = ServiceConfig;
using Own = GatewayConfig;

constexpr int64_t second = 1000;
constexpr int64_t hour = 3600 * second;
constexpr int64_t fastest = 1000000;

constexpr std::array slowReaderWords{
    Word{"close", int(SlowReaders::Close)},
    Word{"drop_oldest", int(SlowReaders::DropOldest)},
    Word{"dropOldest", int(SlowReaders::DropOldest), Word::Kind::Synonym},
};

} // namespace

// clang-format off
std::vector<Option> gatewayRateOptions()
{
    return {
        {.section = "gateway", .key = "slow_readers", .type = OptionType::Word, .defaultText = "\"close\"",
         .words = slowReaderWords, .json = "limits.slowReaders",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.slowReaders; },
         .sentence = "What is done with a socket whose queue is full: it is closed with 1013, or its oldest "
                     "messages are dropped."},
        {.section = "gateway", .key = "messages_per_second", .type = OptionType::Integer, .defaultText = "0",
         .max = fastest, .json = "limits.messagesPerSecond",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.messagesPerSecond; },
         .sentence = "Messages that may be posted in a second, each of a batch counts; more are answered 429; 0 is "
                     "no limit."},
        {.section = "gateway", .key = "reservations_per_second", .type = OptionType::Integer,
         .defaultText = "0", .max = fastest, .json = "limits.reservationsPerSecond",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.reservationsPerSecond; },
         .sentence = "URIs that may be issued in a second; more are answered 429; 0 is no limit."},
        {.section = "gateway", .key = "sockets_per_second", .type = OptionType::Integer, .defaultText = "0",
         .max = fastest, .json = "limits.socketsPerSecond",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.socketsPerSecond; },
         .sentence = "Sockets that may open in a second; more are answered 429; 0 is no limit."},
        {.section = "gateway", .key = "client_messages_per_second", .type = OptionType::Integer,
         .defaultText = "0", .max = fastest, .json = "limits.clientMessagesPerSecond",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.clientMessagesPerSecond; },
         .sentence = "Messages that one client may send in a second; more close its socket with 1008; 0 is no "
                     "limit."},
        {.section = "gateway", .key = "sockets_per_address", .type = OptionType::Integer, .defaultText = "0",
         .max = 1000000000, .json = "limits.socketsPerAddress",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.socketsPerAddress; },
         .sentence = "Most open sockets of one client address; more are answered 429; 0 is no limit."},
        {.section = "gateway", .key = "burst", .type = OptionType::Duration, .defaultText = "\"1s\"",
         .unit = "seconds", .min = second, .max = hour, .json = "limits.burst",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.limits.burst; },
         .sentence = "How long's worth of these rates may come at once, in whole seconds."},
    };
}

std::vector<Option> addressLimitOptions()
{
    return {
        {.section = "limits", .key = "connections_per_address", .type = OptionType::Integer,
         .defaultText = "0", .max = 1000000,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.limits.connections; },
         .sentence = "Most open connections of one address; more are answered 429 and closed; 0 is no limit."},
        {.section = "limits", .key = "connections_per_second", .type = OptionType::Integer,
         .defaultText = "0", .max = fastest,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.limits.connectionsPerSecond; },
         .sentence = "New connections of one address in a second; more are answered 429 and closed; 0 is no "
                     "limit."},
        {.section = "limits", .key = "requests_per_second", .type = OptionType::Integer, .defaultText = "0",
         .max = fastest, .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.limits.requestsPerSecond; },
         .sentence = "HTTP requests, handshakes among them, of one address in a second; more are answered 429 "
                     "and the connection is closed; 0 is no limit."},
        {.section = "limits", .key = "reservations_per_second", .type = OptionType::Integer,
         .defaultText = "0", .max = fastest,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.limits.reservationsPerSecond; },
         .sentence = "URIs that are issued to one address in a second; more are answered 429; 0 is no limit."},
        {.section = "limits", .key = "messages_per_second", .type = OptionType::Integer, .defaultText = "0",
         .max = fastest, .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.limits.messagesPerSecond; },
         .sentence = "Messages that one address may post in a second, each of a batch counts; more are answered "
                     "429; 0 is no limit."},
        {.section = "limits", .key = "burst", .type = OptionType::Duration, .defaultText = "\"1s\"",
         .unit = "seconds", .min = second, .max = hour,
         .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.limits.burst; },
         .sentence = "How long's worth of these rates may come at once."},
        {.section = "limits", .key = "exempt", .type = OptionType::TextList, .defaultText = "[]",
         .check = expectNetwork, .reload = Reload::Live, .slot = [](Service &s, Own &) -> Slot { return &s.limits.exempt; },
         .sentence = "Addresses and networks that this section does not limit, e.g. `127.0.0.1`, `10.0.0.0/8`."},
    };
}
// clang-format on

} // namespace mws
