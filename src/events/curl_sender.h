#pragma once

#include "events/http_sender.h"

#include <memory>

namespace mws {

/// Which addresses may be connected to.
enum class Reach {
    Public, ///< see isPublicAddress()
    Any,
};

/// HttpSender by libcurl, on a thread of its own that begins with the first request. Addresses are checked
/// where the socket is made, on the very address that it connects to, so that a name cannot resolve to one
/// for a check and to another for the connection. Connections are kept open and used again, and by no sender
/// of another reach. Thread: made and destroyed by one; post() by any.
class CurlSender final : public HttpSender
{
public:
    explicit CurlSender(Reach reach);
    ~CurlSender() override; ///< breaks off what is under way; its answers never come

    void post(HttpPost post, Answer answer) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace mws
