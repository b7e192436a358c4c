#include "support/event_backend.h"
#include "support/gateway_test.h"
#include "support/minted_token.h"

#include "mws/base/clock.h"
#include "state/state_backup.h"
#include "state/state_restore.h"

#include <cstring>
#include <ctime>
#include <sqlite3.h>

// The gateway with the state that earlier versions have left.

namespace mws::test {

namespace {

using testing::HasSubstr;

constexpr char defaultToken[] = "5bjp8cPR1ZzTNjQU98GrzDHrufNFgzAcMLb3CB3b";
constexpr char madeToken[] = "lVGighDnsDEUSG5nAJBKvQNhgVp8wmk1rRaMz7eE";
constexpr char defaultKey[] = "c9V3w1ZDguVmjHs0mvww+D8wIjqdTu2tqNKmjK8cbsw=";
constexpr int64_t fixtureTime = 1795868896; ///< when its URIs were issued

void runSql(const std::filesystem::path &file, const std::string &sql)
{
    sqlite3 *database = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
    char *error = nullptr;
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
    sqlite3_close(database);
}

std::string decoded(const std::string &base64)
{
    const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    uint32_t bits = 0;
    int count = 0;
    for (const char c : base64.substr(0, base64.find('='))) {
        bits = bits << 6 | uint32_t(alphabet.find(c));
        if ((count += 6) >= 8)
            bytes.push_back(char(bits >> (count -= 8)));
    }
    return bytes;
}

/// A state folder of version 0.1.0, as if it had been left just now.
class OldState : public ::testing::Test
{
protected:
    OldState()
    {
        std::filesystem::create_directory(state());
        for (const char *name : {"gateways.json", "tokens.sqlite", "events.sqlite"})
            std::filesystem::copy_file(fixture(name), state() / name);
        const std::string shift = std::to_string(int64_t(std::time(nullptr)) - fixtureTime);
        runSql(state() / "tokens.sqlite", "UPDATE reservation SET issued = issued + " + shift +
                                              ", expires = expires + " + shift +
                                              "; UPDATE ended SET expires = expires + " + shift);
        runSql(state() / "events.sqlite", "UPDATE event SET created = created + 1000 * " + shift);
    }

    static std::filesystem::path fixture(const std::string &name)
    {
        return std::filesystem::path(MWS_FIXTURES) / "0.1.0" / name;
    }
    std::filesystem::path state() const { return folder.path() / "state"; }
    std::string configuration() const
    {
        std::string text = readFile(fixture("gateway.toml"));
        const std::string url = "http://127.0.0.1:9/events";
        return text.replace(text.find(url), url.size(), events.url());
    }
    GatewayOptions options(const std::filesystem::path &stateFolder) const
    {
        return {.environment = {{"MWS_SERVER_STATE_DIR", stateFolder.string()}},
                .configuration = configuration()};
    }
    GatewayRun runWith(const std::filesystem::path &stateFolder) const
    {
        writeFile(folder.path() / "gateway.toml", configuration());
        return runGateway({"--config", "gateway.toml"},
                          {{"MWS_SERVER_PORT", "0"}, {"MWS_SERVER_STATE_DIR", stateFolder.string()}},
                          folder.path());
    }
    /// The answer to a handshake with a token of gateway `default`, whose id is `tokenId`.
    static int handshake(const GatewayProcess &gateway, const std::string &socketId,
                         const std::string &tokenId)
    {
        const int64_t now = std::time(nullptr);
        const std::string claims = R"({"iss":"mws","gw":"default","sid":")" + socketId +
                                   R"(","tags":["kept"],"iat":)" + std::to_string(now) + R"(,"exp":)" +
                                   std::to_string(now + 60) + R"(,"jti":")" + tokenId + "\"}";
        return RawWebSocket(gateway.endpoint(), "/?token=" + mintToken(claims, decoded(defaultKey)))
            .answer()
            .status;
    }
    void expectAllThere(const GatewayProcess &gateway) const
    {
        GatewayApi api(gateway.endpoint(), "/v1", defaultToken);
        const std::string configured = api.get("/configuration").body;
        EXPECT_THAT(configured, HasSubstr(R"("name":"Of the file")"));
        EXPECT_THAT(configured, HasSubstr(R"("clientMessages":"relay")"));
        EXPECT_THAT(configured, HasSubstr(R"("tagsPerSocket":7)"));
        GatewayApi made(gateway.endpoint(), "/v1/gateways/made", madeToken);
        EXPECT_EQ(JsonView(made.get("/configuration").body).string("/name"), "Made");

        const std::string spent = "2BEMfU3ZA1h83Zk1Jh2lfsw3fHknVQ00";
        EXPECT_EQ(handshake(gateway, spent, "AHoHuQsGyGrQFhHvb0vkFZ"), 401) << "it was opened before";
        EXPECT_EQ(handshake(gateway, spent, "aTokenOfItsOwn00000001"), 101)
            << "its key is the one from before";
        EXPECT_EQ(api.call("DELETE", "/sockets?user=1").body, R"({"closed":0,"revoked":1})");
        EXPECT_EQ(handshake(gateway, "QKIoAV9wCC7PWZq5d1tBSoSMQCGTsvMV", "KDMNgBTwDjJ1UuIhIXafan"), 401);
        EXPECT_EQ(made.call("DELETE", "/sockets/RTo5uaTC1k5jYOly4SWPYbBWVwRVhu0L").status, 200);
    }
    void expectEvents() const
    {
        ASSERT_TRUE(
            events.waitFor([](const std::vector<ReceivedEvent> &received) { return received.size() >= 2; }));
        EXPECT_EQ(events.received()[0].id(), "msg_UkF1TuOulZ35K6eig6SaeNyPwZ5");
        EXPECT_EQ(events.received()[1].id(), "msg_vVeyLY2PqHcxjZW4vRLsdZ92C3H");
        EXPECT_EQ(events.received()[0].type(), "socket.connected");
    }

    TemporaryFolder folder;
    EventBackend events;
};

} // namespace

TEST_F(OldState, IsAllThere)
{
    const GatewayProcess gateway(options(state()));
    expectEvents();
    expectAllThere(gateway);
}

TEST_F(OldState, BackupOfARunningGatewayIsAllThereInANewFolder)
{
    const std::filesystem::path restored = folder.path() / "restored";
    const WallTime now = SystemClock().wall();
    {
        events.setManner({.status = 500});
        const GatewayProcess running(options(state()));
        const auto backup = backupState(state(), folder.path() / "backup.tar", "test", now);
        ASSERT_TRUE(backup) << backup.error().detail;
        const auto refused = restoreState(backup->file, state(), ExistingState::Replace, now);
        ASSERT_FALSE(refused);
        EXPECT_THAT(refused.error().detail,
                    HasSubstr("is in use by another gateway (process " + std::to_string(running.id()) + ')'));
        const auto report = restoreState(backup->file, restored, ExistingState::Refuse, now);
        ASSERT_TRUE(report) << report.error().detail;
    }
    events.setManner({});
    const GatewayProcess gateway(options(restored));
    expectAllThere(gateway);
    ASSERT_TRUE(events.waitFor([](const std::vector<ReceivedEvent> &received) {
        return std::count_if(received.begin(), received.end(), [](const ReceivedEvent &event) {
                   return event.answered == 204 && (event.id() == "msg_UkF1TuOulZ35K6eig6SaeNyPwZ5" ||
                                                    event.id() == "msg_vVeyLY2PqHcxjZW4vRLsdZ92C3H");
               }) == 2;
    }));
}

TEST_F(OldState, NewerFormatEndsTheStartAndIsLeftAsItIs)
{
    for (const std::string name : {"tokens.sqlite", "events.sqlite", "gateways.json"}) {
        const std::filesystem::path copy = folder.path() / ("newer-" + name);
        std::filesystem::copy(state(), copy);
        if (name.ends_with(".sqlite"))
            runSql(copy / name, "UPDATE meta SET value = 99 WHERE key = 'version'");
        else
            writeFile(copy / name, R"({"version":99,"gateways":{}})");
        const std::string before = readFile(copy / name);
        const GatewayRun run = runWith(copy);
        EXPECT_EQ(run.exitCode, 2) << name;
        EXPECT_THAT(run.errors, HasSubstr((copy / name).string()));
        EXPECT_THAT(run.errors, HasSubstr("format 99 is of a newer version of the gateway"));
        EXPECT_EQ(readFile(copy / name), before) << name;
    }
}

TEST_F(OldState, SecondGatewayOnTheFolderDoesNotStart)
{
    const GatewayProcess gateway(options(state()));
    const GatewayRun run = runWith(state());
    EXPECT_EQ(run.exitCode, 2);
    EXPECT_THAT(run.errors,
                HasSubstr(state().string() + " is in use by another gateway (process " +
                          std::to_string(gateway.id()) + "): each needs a state folder of its own"));
    expectAllThere(gateway);
}

TEST_F(OldState, FolderIsFreeAfterACrash)
{
    GatewayProcess gateway(options(state()));
    gateway.kill();
    gateway.start();
    expectAllThere(gateway);
}

} // namespace mws::test
