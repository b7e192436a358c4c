#pragma once

#include "support/http_client.h"

#include <string>
#include <string_view>

namespace mws::test {

/// The bytes of a POST messages with a bearer, for one of many on a connection; the answer has no body.
std::string messagePost(std::string_view base, std::string_view bearer, std::string_view body);

/// What `Mws-Receivers` of an answer says.
struct Receipt
{
    int status = 0; ///< 0: the connection ended before the answer
    uint64_t matched = 0;
    uint64_t dropped = 0;
    bool last = false; ///< the answer says Connection: close
};

/// An HTTP connection with several requests under way; answers come in their order.
/// Thread: one at a time.
class PipeliningClient
{
public:
    explicit PipeliningClient(const Endpoint &endpoint) : m_connection(endpoint) {}

    bool isOpen() const { return m_connection.isOpen(); }
    /// Sends a request, or several that were put together.
    bool send(std::string_view requests, std::chrono::milliseconds wait = patience)
    {
        return m_connection.send(requests, wait);
    }
    /// The answer to the oldest request that has none. Reads as much as there is at a time.
    Receipt readReceipt(std::chrono::milliseconds wait = patience);
    RawConnection &connection() { return m_connection; }

private:
    RawConnection m_connection;
};

} // namespace mws::test
