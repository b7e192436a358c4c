#include "conformance/corpus.h"
#include "conformance/verdict.h"
#include "support/gateway_test.h"

namespace mws::test {

/// A gateway in mode `none`, so that a smuggled request needs no token to run.
class Smuggling : public GatewayTest
{
protected:
    Smuggling() : GatewayTest(GatewayOptions{}) {}
};

/// Each case of the file hides a POST messages to everyone in a request that must be refused.
TEST_F(Smuggling, SmuggledRequestNeverRuns)
{
    const ConformanceFile file =
        readConformanceFile(std::filesystem::path(MWS_CORPUS) / "http" / "smuggling.txt");
    RawWebSocket witness(gateway.endpoint(),
                         targetOf(JsonView(backend.get("/websocket_uri").body).string("/uri")));
    ASSERT_TRUE(witness.isOpen());
    std::vector<Script> scripts;
    for (const ConformanceCase &one : file.cases) {
        ASSERT_NE(one.bytes.find(R"({"data":"smuggled","receivers":{"sockets":["*"]}})"), std::string::npos)
            << one.name;
        const std::string bytes = one.bytes + (one.staysOpen ? innocentRequest : "");
        scripts.push_back({{bytes}, false, one.halfCloses});
        scripts.push_back({bytewise(bytes), false, one.halfCloses});
    }
    EXPECT_GE(scripts.size(), 40u);
    playScripts(gateway.endpoint(), scripts);
    backend.sendToAll("honest");
    EXPECT_EQ(witness.readMessage(), "honest");
}

} // namespace mws::test
