#include "config/gateway_state.h"

#include <QFile>
#include <QTemporaryDir>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {

namespace {

std::string problemOf(const char *json)
{
    const auto state = parseGatewayState(json, "gateways.json");
    return state ? "fine" : state.error().detail;
}

} // namespace

TEST(GatewayState, ReportsLineAndReason)
{
    EXPECT_EQ(problemOf("{\"version\": 1,\n \"gateways\": {}}"), "fine");
    // Column and words are Qt's, and differ between its versions.
    EXPECT_THAT(problemOf("{\n  \"version\": 1,\n  \"gateways\": {,}\n}"),
                testing::StartsWith("gateways.json:3:1"));
    EXPECT_EQ(problemOf("[]"), "gateways.json:1: version: expected a number: this is no gateway state");
    EXPECT_EQ(
        problemOf("{\n\"version\": 2, \"gateways\": {}}"),
        "gateways.json:2: version: format 2 is of a newer version of the gateway, this one knows up to 1; "
        "it is left as it is");
    EXPECT_EQ(problemOf("{\"version\": 1,\n\"gateways\": []}"),
              "gateways.json:2: gateways: expected an object");
    EXPECT_EQ(
        problemOf("{\"version\":1,\n\"gateways\":{\n\"a\":{\"configuration\":{\n\"limits.sockets\":-1}}}}"),
        "gateways.json:4: gateways.a.configuration.limits.sockets: expected an integer from 0 to 1000000000, "
        "found -1");
    EXPECT_EQ(
        problemOf("{\"version\":1,\n\"gateways\":{\n\"a\":{\n\"securityTokens\":[{\"digest\":\"x\"}]}}}"),
        "gateways.json:4: gateways.a.securityTokens: expected digests of 64 hexadecimal digits");
    EXPECT_EQ(problemOf("{\"version\":1,\n\"gateways\":{\n\"a\":{\n\"signingKeys\":[{\"key\":\"eA==\"}]}}}"),
              "gateways.json:4: gateways.a.signingKeys: expected base64 of at least 32 bytes");
    EXPECT_EQ(problemOf("{\"version\":1,\"gateways\":{\"a b\":{\"created\":true}}}"),
              "gateways.json:1: gateways.a b: expected a gateway");
}

TEST(GatewayState, ReadsWhatItWrote)
{
    QTemporaryDir folder;
    const std::filesystem::path stateDir = folder.path().toStdString() + "/a/state";
    StoredGateways gateways;
    StoredGateway &gateway = gateways["players"];
    gateway.created = true;
    gateway.configuration["limits.sockets"] = 5;
    gateway.securityTokens.push_back({SecretDigest("t"), WallTime(std::chrono::seconds(1767225600))});
    gateway.signingKeys.push_back({std::string(32, '\xfe'), std::nullopt});
    ASSERT_TRUE(writeGatewayState(stateDir, gateways));

    const auto read = readGatewayState(stateDir);
    ASSERT_TRUE(read) << read.error().detail;
    const StoredGateway &again = read->at("players");
    EXPECT_TRUE(again.created);
    EXPECT_EQ(again.configuration, gateway.configuration);
    EXPECT_EQ(again.securityTokens.at(0).digest, SecretDigest("t"));
    EXPECT_EQ(again.securityTokens.at(0).validUntil, gateway.securityTokens[0].validUntil);
    EXPECT_EQ(again.signingKeys.at(0).bytes, gateway.signingKeys[0].bytes);
    EXPECT_FALSE(again.signingKeys.at(0).validUntil);
}

TEST(GatewayState, IsForTheOwnerOnly)
{
    QTemporaryDir folder;
    const std::filesystem::path stateDir = folder.path().toStdString() + "/state/";
    ASSERT_TRUE(writeGatewayState(stateDir, {}));
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(stateDir).permissions(), perms::owner_all);
    EXPECT_EQ(std::filesystem::status(gatewayStatePath(stateDir)).permissions(),
              perms::owner_read | perms::owner_write);
}

TEST(GatewayState, IsEmptyWithoutAFileAndUnavailableWithoutAFolder)
{
    QTemporaryDir folder;
    QFile blocker(folder.filePath(QStringLiteral("file")));
    ASSERT_TRUE(blocker.open(QIODevice::WriteOnly));
    const std::filesystem::path stateDir = folder.path().toStdString() + "/file/state";
    EXPECT_TRUE(readGatewayState(stateDir)->empty());
    const auto written = writeGatewayState(stateDir, {});
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::Unavailable);
    EXPECT_EQ(written.error().detail, stateDir.string() + " cannot be written: Not a directory");
}

} // namespace mws
