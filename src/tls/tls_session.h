#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <sys/uio.h>

struct bio_st;
struct ssl_st;

namespace mws {

class TlsContext;

/// The server's side of one TLS connection, between a non-blocking descriptor that somebody else owns and
/// plain bytes. Holds at most one record that was read and `mostUnsent` bytes that the kernel did not take.
/// Thread: one at a time.
class TlsSession
{
public:
    enum class Progress : uint8_t {
        Done,   ///< there may be more
        Again,  ///< the descriptor has, or takes, no more for now
        Ended,  ///< the peer sends no more; it may still read (RFC 8446 §6.1)
        Failed, ///< see failure(); no further call is of use
    };
    struct Received
    {
        Progress progress = Progress::Again;
        size_t size = 0; ///< bytes that were read, with any progress
    };

    /// More than one record and a handshake's flight: who makes us answer more than this without reading it
    /// is cut off.
    static constexpr size_t mostUnsent = 128 * 1024;

    TlsSession(const TlsContext &context, int descriptor);
    ~TlsSession();
    TlsSession(const TlsSession &) = delete;
    TlsSession &operator=(const TlsSession &) = delete;

    /// Goes on with the handshake, which needs no plain bytes; Done: it is complete.
    Progress handshake();
    /// Reads what is there, up to `buffer` (at least 16 KiB) and 16 records.
    Received read(std::span<char> buffer);
    /// Takes bytes from the front of `vectors`, at most a record's (16 KiB): how many; 0 if it failed.
    /// Precondition: !blocked().
    size_t write(std::span<const iovec> vectors);
    /// Hands the kernel what it did not take before. Done: all of it.
    Progress flush();
    /// True while encrypted bytes wait for the kernel.
    bool blocked() const { return !m_unsent.empty(); }
    /// Says, once, that we send no more. Done: the kernel has it.
    Progress finish();

    /// Why it failed, for the log.
    const std::string &failure() const { return m_failure; }
    /// `TLSv1.3`
    std::string_view version() const;

private:
    friend struct TlsBio;
    Progress progressOf(int result);
    int sendBytes(const char *data, int size);
    int receiveBytes(char *data, int size);

    ssl_st *m_ssl;
    int m_descriptor;
    bool m_atEnd = false;    ///< read end of file
    bool m_broken = false;   ///< the descriptor failed
    bool m_finished = false; ///< close_notify is sent
    std::string m_unsent;
    std::string m_failure;
};

} // namespace mws
