#include "support/gateway_test.h"
#include "support/test_certificates.h"

#include <csignal>
#include <filesystem>

namespace mws::test {

using ::testing::AnyOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Starts gateways with TLS, and opens connections that trust them.
class Tls : public ::testing::Test
{
protected:
    GatewayOptions options(Environment more = {}) const
    {
        more.merge(certificates.environment());
        return guardedGateway(std::move(more));
    }
    Endpoint endpoint(const GatewayProcess &gateway, const std::string &own = {}) const
    {
        Endpoint to = gateway.endpoint();
        to.tls = certificates.client(own);
        return to;
    }
    GatewayApi backendOf(const GatewayProcess &gateway, const std::string &own = {}) const
    {
        return GatewayApi(endpoint(gateway, own), "/v1", securityToken);
    }
    /// What `openssl s_client` says, with `more` arguments.
    std::string sClient(const GatewayProcess &gateway, std::vector<std::string> more,
                        const std::string &input = {}) const
    {
        std::vector<std::string> command{"openssl",
                                         "s_client",
                                         "-connect",
                                         "127.0.0.1:" + std::to_string(gateway.port()),
                                         "-CAfile",
                                         certificates.certificate("ca"),
                                         "-verify_return_error"};
        command.insert(command.end(), more.begin(), more.end());
        const GatewayRun run = runProgram(command, input);
        return run.output + run.errors;
    }
    int statusFor(const GatewayProcess &gateway, const std::string &own) const
    {
        return HttpClient(endpoint(gateway, own)).request("GET", "/").status;
    }

    const TestCertificates certificates;
};

TEST_F(Tls, CallsAndSocketsGoOverTheOnePortAndUrisAreWss)
{
    GatewayProcess gateway(options({{"MWS_GATEWAY_CLIENT_MESSAGES", "echo"}}));
    GatewayApi backend = backendOf(gateway);
    const Issued issued = backend.reserve({"players"});
    EXPECT_THAT(issued.uri, StartsWith("wss://127.0.0.1:" + std::to_string(gateway.port()) + "/v1/"));
    RawWebSocket socket = backend.openIssued(issued);
    backend.sendToTag("players", "hello");
    EXPECT_EQ(socket.readMessage(), "hello");
    const std::string large(1 << 20, 'l');
    ASSERT_TRUE(socket.sendText(large));
    EXPECT_EQ(socket.readMessage(), large);
    EXPECT_EQ(socket.connection().certificateSerial().empty(), false);
}

TEST_F(Tls, OnlyVersions12And13AreSpoken)
{
    GatewayProcess gateway(options());
    for (const char *version : {"-tls1", "-tls1_1"})
        EXPECT_THAT(sClient(gateway, {version, "-cipher", "DEFAULT@SECLEVEL=0"}),
                    HasSubstr("alert protocol version"));
    EXPECT_THAT(sClient(gateway, {"-tls1_2"}), HasSubstr("New, TLSv1.2, Cipher is ECDHE-"));
    EXPECT_THAT(sClient(gateway, {"-tls1_3"}), HasSubstr("New, TLSv1.3, Cipher is TLS_"));
    EXPECT_THAT(
        sClient(gateway, {"-tls1_2", "-cipher", "AES128-SHA:ECDHE-ECDSA-AES128-SHA:DHE-RSA-AES128-SHA"}),
        HasSubstr("alert handshake failure"));
    EXPECT_THAT(sClient(gateway, {"-tls1_3", "-alpn", "h2,http/1.1"}), HasSubstr("ALPN protocol: http/1.1"));
    EXPECT_THAT(sClient(gateway, {"-tls1_3", "-alpn", "h2"}), HasSubstr("no application protocol"));
}

TEST_F(Tls, MinimumVersion13RefusesOlder)
{
    GatewayProcess gateway(options({{"MWS_TLS_MINIMUM_VERSION", "1.3"}}));
    EXPECT_THAT(sClient(gateway, {"-tls1_2"}), HasSubstr("alert protocol version"));
    EXPECT_THAT(sClient(gateway, {"-tls1_3"}), HasSubstr("New, TLSv1.3"));
}

TEST_F(Tls, RenegotiationIsRefused)
{
    GatewayProcess gateway(options());
    EXPECT_THAT(sClient(gateway, {"-tls1_2"}, "R\n"), HasSubstr("no renegotiation"));
    EXPECT_EQ(statusFor(gateway, {}), 200);
}

TEST_F(Tls, SessionsAreResumed)
{
    GatewayProcess gateway(options());
    for (const char *version : {"-tls1_2", "-tls1_3"}) {
        const std::string session = certificates.file("session");
        sClient(gateway, {version, "-sess_out", session, "-ign_eof"},
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        EXPECT_THAT(sClient(gateway, {version, "-sess_in", session}), HasSubstr("Reused, TLSv1."));
    }
}

TEST_F(Tls, RequiredClientCertificateIsChecked)
{
    GatewayProcess gateway(options({{"MWS_TLS_CLIENT_CERTIFICATES", "required"},
                                    {"MWS_TLS_CLIENT_CA", certificates.certificate("ca")}}));
    EXPECT_EQ(statusFor(gateway, "client"), 200);
    EXPECT_EQ(statusFor(gateway, ""), 0);
    EXPECT_EQ(statusFor(gateway, "stranger"), 0);
    EXPECT_THAT(sClient(gateway, {"-tls1_2"}), HasSubstr("alert handshake failure"));
    EXPECT_THAT(sClient(gateway, {"-tls1_2", "-cert", certificates.certificate("stranger"), "-key",
                                  certificates.key("stranger")}),
                HasSubstr("unknown ca"));
    EXPECT_THAT(sClient(gateway, {"-tls1_2"}),
                ContainsRegex("Acceptable client certificate CA names\nCN ?= ?mws test ca"));
    GatewayApi backend = backendOf(gateway, "client");
    OpenSocket open = backend.open();
    backend.sendToAll("for a known client");
    EXPECT_EQ(open.socket.readMessage(), "for a known client");
}

TEST_F(Tls, OptionalClientCertificateIsCheckedIfShown)
{
    GatewayProcess gateway(options({{"MWS_TLS_CLIENT_CERTIFICATES", "optional"},
                                    {"MWS_TLS_CLIENT_CA", certificates.certificate("ca")}}));
    EXPECT_EQ(statusFor(gateway, "client"), 200);
    EXPECT_EQ(statusFor(gateway, ""), 200);
    EXPECT_EQ(statusFor(gateway, "stranger"), 0);
}

TEST_F(Tls, CurlPostsALargeBody)
{
    GatewayProcess gateway(options({{"MWS_HTTP_BODY_BYTES", "4MiB"}}));
    GatewayApi backend = backendOf(gateway);
    OpenSocket open = backend.open();
    const std::string text(3 << 20, 'b');
    const GatewayRun curl = runProgram(
        {"curl", "-sS", "--cacert", certificates.certificate("ca"), "-H",
         std::string("Authorization: Bearer ") + securityToken, "-H", "Content-Type: application/json", "-w",
         "%{http_code} %{http_version}", "-o", certificates.file("answer"), "--data-binary", "@-",
         "https://localhost:" + std::to_string(gateway.port()) + "/v1/messages"},
        R"({"data":")" + text + R"(","receivers":{"sockets":["*"]}})", std::chrono::seconds(20));
    EXPECT_EQ(curl.output, "201 1.1") << curl.errors;
    EXPECT_EQ(open.socket.readMessage(std::chrono::seconds(20)), text);
}

TEST_F(Tls, BytesInRecordsOfTheirOwnAndPipelinedRequests)
{
    GatewayProcess gateway(options({{"MWS_GATEWAY_CLIENT_MESSAGES", "echo"}}));
    RawConnection connection(endpoint(gateway));
    const std::string request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (const char byte : request)
        ASSERT_TRUE(connection.send({&byte, 1}));
    EXPECT_EQ(readHttpAnswer(connection).status, 200);
    std::string many;
    for (int i = 0; i < 2000; ++i) // 54 KB: more than a record, cut anywhere
        many += request;
    ASSERT_TRUE(connection.send(many));
    for (int i = 0; i < 2000; ++i)
        ASSERT_EQ(readHttpAnswer(connection).status, 200) << i;
    RawWebSocket socket = backendOf(gateway).open().socket;
    for (const char byte : frameText({Opcode::Text, std::string(300, 'b')}))
        ASSERT_TRUE(socket.connection().send({&byte, 1}));
    EXPECT_EQ(socket.readMessage(), std::string(300, 'b'));
}

TEST_F(Tls, HalfClosedClientGetsItsAnswerAndACloseNotify)
{
    GatewayProcess gateway(options());
    RawConnection connection(endpoint(gateway));
    connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    connection.shutdownWrite();
    EXPECT_EQ(readHttpAnswer(connection).status, 200);
    EXPECT_TRUE(connection.waitForEnd());
    EXPECT_TRUE(connection.sawCloseNotify());
}

TEST_F(Tls, DrainSays1001ThenCloseNotify)
{
    GatewayProcess gateway(options());
    GatewayApi backend = backendOf(gateway);
    std::vector<OpenSocket> open;
    for (int i = 0; i < 10; ++i)
        open.push_back(backend.open());
    const RawConnection idle(endpoint(gateway));
    RawConnection silent(gateway.endpoint()); // has not begun its handshake
    backend.sendToAll("accepted before");
    gateway.signal(SIGTERM);
    for (OpenSocket &socket : open) {
        EXPECT_EQ(socket.socket.readMessage(), "accepted before");
        EXPECT_EQ(socket.socket.readClose(), 1001);
        EXPECT_TRUE(socket.socket.waitForEnd());
        EXPECT_TRUE(socket.socket.connection().sawCloseNotify());
    }
    EXPECT_EQ(gateway.waitForExit(), 0);
}

TEST_F(Tls, DrainWritesAllOfAnswersThatWereNotRead)
{
    GatewayProcess gateway(options());
    GatewayApi backend = backendOf(gateway);
    std::vector<OpenSocket> sockets; // 2 KB of tags each
    for (int i = 0; i < 60; ++i) {
        std::vector<std::string> tags;
        for (int tag = 0; tag < 16; ++tag)
            tags.push_back(std::to_string(tag) + std::string(120, 't'));
        sockets.push_back(backend.open(tags));
    }
    // Answers of 2 to 120 KB that nobody reads before the signal.
    Endpoint narrow = endpoint(gateway);
    narrow.receiveBuffer = 2048;
    std::vector<RawConnection> readers;
    for (size_t i = 1; i <= sockets.size(); ++i) {
        readers.emplace_back(narrow);
        readers.back().send("GET /v1/sockets?limit=" + std::to_string(i) +
                            " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + securityToken + "\r\n\r\n");
        ASSERT_TRUE(readers.back().waitForData());
    }
    gateway.signal(SIGTERM);
    for (OpenSocket &open : sockets)
        EXPECT_EQ(open.socket.readClose(), 1001);
    for (size_t i = 1; i <= readers.size(); ++i) {
        const HttpAnswer answer = readHttpAnswer(readers[i - 1]);
        EXPECT_EQ(JsonView(answer.body).size("/results"), int(i)) << answer.body.size();
        EXPECT_TRUE(readers[i - 1].waitForEnd());
    }
    EXPECT_EQ(gateway.waitForExit(), 0);
}

/// With an open socket, and files that are replaced.
class TlsReload : public Tls
{
protected:
    TlsReload() : gateway(options()), backend(backendOf(gateway)), open(backend.open()) {}

    std::string serialOfNewConnection() const { return RawConnection(endpoint(gateway)).certificateSerial(); }
    /// SIGHUP; true once new connections of every worker see another certificate than `before`.
    bool reloadReplaces(const std::string &before) const
    {
        gateway.signal(SIGHUP);
        const Deadline deadline(patience);
        int inARow = 0; // the kernel spreads them over two workers
        while (inARow < 20 && deadline.left() > 0)
            inARow = serialOfNewConnection() == before ? 0 : inARow + 1;
        return inARow == 20;
    }
    void expectSocketGoesOn(const std::string &text)
    {
        backend.sendToAll(text);
        EXPECT_EQ(open.socket.readMessage(), text);
    }

    GatewayProcess gateway;
    GatewayApi backend;
    OpenSocket open;
};

TEST_F(TlsReload, NewConnectionsGetTheNewCertificateAndSocketsStay)
{
    for (int round = 0; round < 3; ++round) {
        const std::string before = serialOfNewConnection();
        ASSERT_FALSE(before.empty());
        certificates.make("server", "ca");
        EXPECT_TRUE(reloadReplaces(before)) << gateway.log();
        EXPECT_TRUE(gateway.waitForLog("serial=" + serialOfNewConnection()));
        EXPECT_NE(open.socket.connection().certificateSerial(), serialOfNewConnection());
        expectSocketGoesOn("round " + std::to_string(round));
    }
}

TEST_F(TlsReload, BrokenFilesKeepTheCertificateInForce)
{
    const std::string before = serialOfNewConnection();
    const std::string goodKey = readFile(certificates.key("server"));
    writeFile(certificates.certificate("server"), "-----BEGIN CERTIFICATE-----\nhalf");
    gateway.signal(SIGHUP);
    ASSERT_TRUE(gateway.waitForLog("configuration not reloaded"));
    EXPECT_THAT(gateway.log(), HasSubstr(certificates.certificate("server")));
    EXPECT_EQ(serialOfNewConnection(), before);
    certificates.make("server", "ca");
    writeFile(certificates.key("server"), goodKey); // of the certificate before
    gateway.signal(SIGHUP);
    EXPECT_TRUE(gateway.waitForLog("is not the key of the first certificate"));
    EXPECT_EQ(serialOfNewConnection(), before);
    expectSocketGoesOn("still here");
    certificates.make("server", "ca");
    EXPECT_TRUE(reloadReplaces(before)) << gateway.log();
    EXPECT_THAT(gateway.log(), Not(HasSubstr("PRIVATE KEY")));
}

TEST_F(TlsReload, ReservedUriOpensAfterAReload)
{
    const Issued issued = backend.reserve();
    const std::string before = serialOfNewConnection();
    certificates.make("server", "ca");
    ASSERT_TRUE(reloadReplaces(before));
    RawWebSocket socket = backend.openIssued(issued);
    EXPECT_TRUE(socket.isOpen());
}

TEST_F(Tls, WrongFilesEndTheStartAndTheCheckWith2)
{
    const TemporaryFolder folder;
    Environment environment = certificates.environment();
    environment["MWS_TLS_KEY"] = certificates.key("client");
    environment["MWS_SERVER_PORT"] = "0";
    environment["MWS_SERVER_STATE_DIR"] = (folder.path() / "state").string();
    for (const std::vector<std::string> &arguments : {std::vector<std::string>{}, {"--check-config"}}) {
        const GatewayRun wrong = runGateway(arguments, environment, folder.path());
        EXPECT_EQ(wrong.exitCode, 2) << wrong.errors;
        EXPECT_THAT(wrong.errors, HasSubstr(certificates.key("client") + ": is not the key of"));
    }
    environment.erase("MWS_TLS_KEY");
    const GatewayRun half = runGateway({}, environment, folder.path());
    EXPECT_EQ(half.exitCode, 2);
    EXPECT_THAT(half.errors, HasSubstr("tls.key: needed, as tls.certificate is set"));
}

} // namespace mws::test
