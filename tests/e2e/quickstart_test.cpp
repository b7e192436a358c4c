#include "support/gateway_test.h"

namespace mws::test {

namespace {

/// The fenced code blocks of a Markdown text.
std::vector<std::string> fencedBlocks(const std::string &markdown)
{
    std::vector<std::string> blocks;
    size_t fence = markdown.find("\n```");
    while (fence != std::string::npos) {
        const size_t start = markdown.find('\n', fence + 1);
        const size_t end = start == std::string::npos ? start : markdown.find("\n```", start);
        if (end == std::string::npos)
            break;
        blocks.push_back(markdown.substr(start + 1, end - start));
        fence = markdown.find("\n```", end + 1);
    }
    return blocks;
}

} // namespace

class Quickstart : public GatewayTest
{
protected:
    Quickstart() : GatewayTest(GatewayOptions{}) {}
};

TEST_F(Quickstart, QtClientReceives)
{
    ChildProcess client({MWS_QUICKSTART_CLIENT, "http://127.0.0.1:" + std::to_string(gateway.port())}, {},
                        gateway.folder().string());
    ASSERT_TRUE(client.waitForOutput([](const std::string &output) { return output == "connected\n"; }))
        << client.errors();
    backend.sendToAll("Hello World!");
    EXPECT_TRUE(client.waitForOutput(
        [](const std::string &output) { return output == "connected\nreceived: Hello World!\n"; }));
    EXPECT_EQ(gateway.stop(), 0);
    EXPECT_EQ(client.waitForExit(), 0);
}

TEST(Readme, QuotesTheClientsThatAreTested)
{
    const std::filesystem::path root = MWS_SOURCE_FOLDER;
    const std::string readme = readFile(root / "README.md");
    ASSERT_FALSE(readme.empty()) << "no README.md";
    const auto blocks = fencedBlocks(readme);
    for (const char *file : {"client.cpp", "client.qml"})
        EXPECT_THAT(blocks, ::testing::Contains(readFile(root / "examples/quickstart" / file))) << file;
}

} // namespace mws::test
