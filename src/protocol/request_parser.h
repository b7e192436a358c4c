#pragma once

#include "mws/base/error.h"
#include "protocol/http_text.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

struct RequestLimits
{
    size_t headBytes = 16384;
    size_t targetBytes = 8192;
    size_t fields = 100;
    size_t bodyBytes = 1 << 20;
};

/// The head of one HTTP/1.x request, vetted. The views point into the bytes that were parsed.
struct RequestHead
{
    struct Field
    {
        std::string_view name;
        std::string_view value;
    };

    std::string_view method;
    std::string_view
        target;            ///< origin-form: starts with `/`; absolute-form is reduced to it, `*` is as given
    std::string_view host; ///< of the target in absolute-form, else of the Host field; may be empty
    std::vector<Field> fields;
    int minorVersion = 1; ///< of HTTP/1.x
    int64_t contentLength = -1;
    bool chunked = false;
    bool keepAlive = true;
    bool expectContinue = false;
    bool upgradeWebSocket = false; ///< Connection has `upgrade` and Upgrade has `websocket`

    /// The first field of that name, without regard to case; empty if there is none.
    std::string_view field(std::string_view name) const;
    /// The last one.
    std::string_view lastField(std::string_view name) const;
    size_t fieldCount(std::string_view name) const;
    std::string_view path() const;  ///< the target up to `?`
    std::string_view query() const; ///< the target after `?`
};

/// Parses request heads strictly (RFC 9112 §2–§3, §5–§7; RFC 9110 §5, §7.2): what two parsers could read
/// differently is refused. Pure: keeps nothing between calls, so that the same bytes always give the same
/// answer.
class RequestParser
{
public:
    enum class Status { NeedMore, Complete, Refused };
    struct Outcome
    {
        Status status = Status::NeedMore;
        size_t headSize = 0; ///< Complete: bytes of the head, blank line included
        Error error;         ///< Refused: what to answer before the connection is closed
    };

    explicit RequestParser(const RequestLimits &limits) : m_limits(limits) {}

    /// Looks for a whole head at the start of `bytes`. A refusal comes as soon as the bytes so far cannot
    /// become a valid head: line by line, and on size limits at once. On Refused `head` holds what was parsed
    /// until then. One CRLF before the request line is skipped (RFC 9112 §2.2); it counts into headSize.
    Outcome parse(std::string_view bytes, RequestHead &head) const;

private:
    RequestLimits m_limits;
};

} // namespace mws
