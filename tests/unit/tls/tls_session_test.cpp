#include "tls/tls_session.h"

#include "certificate_files.h"
#include "tls/tls_context.h"

#include <array>
#include <fcntl.h>
#include <sys/socket.h>

namespace mws::test {

using Progress = TlsSession::Progress;

/// A session and a client of OpenSSL's at the two ends of a pair of sockets.
class Session : public CertificateFiles
{
protected:
    Session()
    {
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, m_ends.data()), 0);
        const auto loaded = TlsContext::load(settings, std::chrono::system_clock::now());
        m_context = loaded->context;
        session = std::make_unique<TlsSession>(*m_context, m_ends[0]);
        m_clientContext = SSL_CTX_new(TLS_client_method());
        client = SSL_new(m_clientContext);
        SSL_set_fd(client, m_ends[1]);
    }
    ~Session() override
    {
        session.reset();
        SSL_free(client);
        SSL_CTX_free(m_clientContext);
        closeEnd(0);
        closeEnd(1);
    }

    void closeEnd(size_t end)
    {
        if (m_ends[end] >= 0)
            ::close(std::exchange(m_ends[end], -1));
    }
    void shakeHands()
    {
        Progress progress = Progress::Again;
        for (int i = 0; i < 10 && (progress != Progress::Done || !SSL_is_init_finished(client)); ++i) {
            SSL_connect(client);
            if (progress == Progress::Again)
                progress = session->handshake();
        }
        ASSERT_EQ(progress, Progress::Done) << session->failure();
        ASSERT_TRUE(SSL_is_init_finished(client));
    }
    std::string readAll()
    {
        std::string all;
        std::array<char, 65536> buffer;
        size_t got = 0;
        while (SSL_read_ex(client, buffer.data(), buffer.size(), &got) == 1)
            all.append(buffer.data(), got);
        return all;
    }
    size_t write(std::string_view bytes)
    {
        const iovec vector{const_cast<char *>(bytes.data()), bytes.size()};
        return session->write({&vector, 1});
    }

    std::unique_ptr<TlsSession> session;
    SSL *client = nullptr;
    std::array<int, 2> m_ends{-1, -1};
    std::vector<char> buffer = std::vector<char>(65536);

private:
    std::shared_ptr<const TlsContext> m_context;
    SSL_CTX *m_clientContext = nullptr;
};

TEST_F(Session, CarriesBytesBothWays)
{
    shakeHands();
    ASSERT_EQ(SSL_write(client, "ping", 4), 4);
    const TlsSession::Received received = session->read(buffer);
    EXPECT_EQ(std::string_view(buffer.data(), received.size), "ping");
    EXPECT_EQ(received.progress, Progress::Again);
    EXPECT_EQ(write("pong"), 4u);
    EXPECT_EQ(readAll(), "pong");
    EXPECT_EQ(session->version(), "TLSv1.3");
}

TEST_F(Session, PutsSmallPiecesIntoOneRecord)
{
    shakeHands();
    std::vector<std::string> pieces(64, std::string(100, 'p'));
    std::vector<iovec> vectors;
    for (std::string &piece : pieces)
        vectors.push_back({piece.data(), piece.size()});
    EXPECT_EQ(session->write(vectors), 6400u);
    size_t got = 0;
    EXPECT_EQ(SSL_read_ex(client, buffer.data(), buffer.size(), &got), 1);
    EXPECT_EQ(got, 6400u);
}

TEST_F(Session, TakesNoMoreThanARecordAtATime)
{
    shakeHands();
    EXPECT_EQ(write(std::string(100000, 'x')), 16384u);
    const std::string small(10000, 's');
    const std::array<iovec, 2> two{iovec{const_cast<char *>(small.data()), small.size()},
                                   iovec{const_cast<char *>(small.data()), small.size()}};
    EXPECT_EQ(session->write(two), 16384u);
}

TEST_F(Session, KeepsWhatTheKernelDoesNotTakeAndLosesNothing)
{
    shakeHands();
    const std::string chunk(16384, 'c');
    size_t sent = 0;
    while (!session->blocked())
        sent += write(chunk);
    EXPECT_EQ(session->flush(), Progress::Again);
    size_t read = 0;
    while (session->blocked()) {
        read += readAll().size();
        ASSERT_NE(session->flush(), Progress::Failed);
    }
    read += readAll().size();
    EXPECT_EQ(read, sent);
    EXPECT_EQ(write("next"), 4u);
    EXPECT_EQ(readAll(), "next");
}

TEST_F(Session, LeavesNothingInsideThatEpollWouldNotSee)
{
    shakeHands();
    const std::string odd(10007, 'o'); // records that do not fill the buffer evenly
    for (int i = 0; i < 9; ++i)
        ASSERT_EQ(SSL_write(client, odd.data(), int(odd.size())), int(odd.size()));
    size_t got = 0;
    for (int waiting = 1; waiting > 0;) {
        const TlsSession::Received received = session->read(buffer);
        got += received.size;
        char byte = 0;
        waiting = int(::recv(m_ends[0], &byte, 1, MSG_PEEK)); // what level-triggered epoll looks at
    }
    EXPECT_EQ(got, 9 * odd.size());
}

TEST_F(Session, ReadsABoundedNumberOfRecordsAtATime)
{
    shakeHands();
    for (int i = 0; i < 40; ++i)
        ASSERT_EQ(SSL_write(client, "r", 1), 1);
    EXPECT_EQ(session->read(buffer).size, 16u);
    EXPECT_EQ(session->read(buffer).size, 16u);
    EXPECT_EQ(session->read(buffer).size, 8u);
}

TEST_F(Session, CloseNotifyEndsReadingOnly)
{
    shakeHands();
    ASSERT_EQ(SSL_write(client, "last", 4), 4);
    SSL_shutdown(client);
    const TlsSession::Received received = session->read(buffer);
    EXPECT_EQ(received.size, 4u);
    EXPECT_EQ(received.progress, Progress::Ended);
    EXPECT_EQ(write("answer"), 6u);
    EXPECT_EQ(session->finish(), Progress::Done);
    EXPECT_EQ(readAll(), "answer");
    EXPECT_TRUE(SSL_get_shutdown(client) & SSL_RECEIVED_SHUTDOWN);
}

TEST_F(Session, EndOfFileWithoutCloseNotifyEndsReadingOnly)
{
    shakeHands();
    ::shutdown(m_ends[1], SHUT_WR);
    EXPECT_EQ(session->read(buffer).progress, Progress::Ended);
    EXPECT_EQ(write("answer"), 6u);
    EXPECT_EQ(readAll(), "answer");
}

TEST_F(Session, PeerThatIsGoneIsAFailure)
{
    shakeHands();
    closeEnd(1);
    EXPECT_EQ(write("x"), 0u);
    EXPECT_EQ(session->finish(), Progress::Done); // nothing more to be done
}

TEST_F(Session, GarbageFailsTheHandshakeWithAReason)
{
    const std::string garbage = std::string("\x16\x03\x01\x00\x05", 5) + "12345";
    ASSERT_EQ(::send(m_ends[1], garbage.data(), garbage.size(), 0), ssize_t(garbage.size()));
    EXPECT_EQ(session->handshake(), Progress::Failed);
    EXPECT_FALSE(session->failure().empty());
}

TEST_F(Session, EndInTheHandshakeIsAFailure)
{
    EXPECT_EQ(session->handshake(), Progress::Again);
    closeEnd(1);
    EXPECT_EQ(session->handshake(), Progress::Failed);
    EXPECT_EQ(session->failure(), "the client closed the connection");
}

TEST_F(Session, SpoiltRecordIsAFailure)
{
    shakeHands();
    const std::string spoilt = std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'z');
    ASSERT_EQ(::send(m_ends[1], spoilt.data(), spoilt.size(), 0), ssize_t(spoilt.size()));
    EXPECT_EQ(session->read(buffer).progress, Progress::Failed);
    EXPECT_FALSE(session->failure().empty());
}

} // namespace mws::test
