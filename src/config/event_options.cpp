#include "config/option.h"
#include "config/text_check.h"

namespace mws {

namespace {

using Service = ServiceConfig;
using Own = GatewayConfig;

constexpr int64_t second = 1000;
constexpr int64_t hour = 3600 * second;
constexpr int64_t mebibyte = 1024 * 1024;

} // namespace

// clang-format off
std::vector<Option> eventOptions()
{
    return {
        {.section = "gateway", .key = "events_url", .type = OptionType::Url, .defaultText = "\"\"",
         .check = expectEventUrl, .json = "events.url",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.events.url; },
         .sentence = "Where events about sockets are POSTed, an http or https URL; empty: nowhere. See docs/events.md."},
        {.section = "gateway", .key = "events_secrets", .type = OptionType::TextList, .defaultText = "[]",
         .check = expectWebhookSecret, .secrecy = Secrecy::Secret, .json = "events.secrets",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.events.secrets; },
         .sentence = "Secrets that sign events, each `whsec_` and base64 of 24 to 64 bytes; each one signs, so that a "
                     "new one can be brought in before the old one goes. Can be set by PUT, is never shown."},
        {.section = "gateway", .key = "events_types", .type = OptionType::TextList,
         .defaultText = "[\"connected\", \"disconnected\", \"message\"]", .min = 1, .check = expectEventType,
         .json = "events.types",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.events.types; },
         .sentence = "Which events are sent: `connected`, `disconnected`, `message` (what clients send, where "
                     "`client_messages` is `webhook`)."},
        {.section = "gateway", .key = "events_fold", .type = OptionType::Duration, .defaultText = "\"0s\"",
         .unit = "seconds", .max = hour, .json = "events.fold",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.events.fold; },
         .sentence = "Holds back each disconnect for so long; if the same user (or, without one, the same socket id) "
                     "connects meanwhile, neither is sent; 0 is off."},
        {.section = "gateway", .key = "events_timeout", .type = OptionType::Duration, .defaultText = "\"15s\"",
         .unit = "seconds", .min = second, .max = 60 * second, .json = "events.timeout",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.events.timeout; },
         .sentence = "How long one attempt to send an event may take."},
        {.section = "gateway", .key = "events_give_up", .type = OptionType::Duration, .defaultText = "\"24h\"",
         .unit = "seconds", .min = second, .max = 168 * hour, .json = "events.giveUp",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.events.giveUp; },
         .sentence = "How old an event may become before it is not tried any more."},
        {.section = "gateway", .key = "events_pause", .type = OptionType::Duration, .defaultText = "\"5s\"",
         .unit = "seconds", .min = 10, .max = hour,
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.events.pause; },
         .sentence = "Pause before an event is tried again; doubles with each failure, up to an hour, 20 % more or less."},
        {.section = "gateway", .key = "events_queue", .type = OptionType::Integer, .defaultText = "100000",
         .min = 100, .max = 10000000,
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.events.queueEvents; },
         .sentence = "Most events that wait, in memory and on disk; the oldest give way."},
        {.section = "gateway", .key = "events_queue_bytes", .type = OptionType::Size, .defaultText = "\"64MiB\"",
         .unit = "bytes", .min = mebibyte, .max = 4096 * mebibyte,
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.events.queueBytes; },
         .sentence = "Most bytes of events that wait; the oldest give way."},
        {.section = "gateway", .key = "events_connect", .type = OptionType::Flag, .defaultText = "false",
         .json = "events.connect",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.events.connect; },
         .sentence = "Whether the event URL is asked before a socket opens: it may refuse, or set user and tags."},
        {.section = "gateway", .key = "events_connect_optional", .type = OptionType::Flag, .defaultText = "false",
         .json = "events.connectOptional",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.events.connectOptional; },
         .sentence = "Whether a socket opens all the same where the event URL does not answer; else its client is "
                     "answered 503."},
        {.section = "gateway", .key = "events_connect_timeout", .type = OptionType::Duration,
         .defaultText = "\"5s\"", .unit = "seconds", .min = second, .max = 30 * second,
         .json = "events.connectTimeout",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.events.connectTimeout; },
         .sentence = "How long that question may take."},
        {.section = "gateway", .key = "events_allow_private", .type = OptionType::Flag, .defaultText = "false",
         .slot = [](Service &, Own &g) -> Slot { return &g.settings.events.allowPrivate; },
         .sentence = "Whether the event URL may lead to an address that is not public: loopback, private networks, "
                     "link-local. By file and environment only."},
    };
}
// clang-format on

} // namespace mws
