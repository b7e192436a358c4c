#include "client/client_test.h"
#include "support/test_certificates.h"

#include <filesystem>

namespace mws::test {

using ::testing::HasSubstr;

namespace {

constexpr std::chrono::minutes buildPatience{4};

void run(const std::vector<std::string> &command)
{
    const GatewayRun done = runProgram(command, {}, buildPatience);
    std::string line;
    for (const std::string &word : command)
        line += word + ' ';
    ASSERT_EQ(done.exitCode, 0) << line << '\n' << done.output << done.errors;
}

} // namespace

/// The library in a folder of its own, and examples/client-library built as a stranger would.
class Installed : public ClientTest
{
protected:
    void install()
    {
        run({MWS_CMAKE, "--install", MWS_LIBRARY_BUILD, "--prefix", prefix(), "--component", "MwsClient"});
    }
    std::vector<std::string> configureCommand(const std::string &source, const std::string &build) const
    {
        return {MWS_CMAKE,
                "-G",
                MWS_CMAKE_GENERATOR,
                "-S",
                source,
                "-B",
                build,
                "-DCMAKE_PREFIX_PATH=" + prefix(),
                "-DCMAKE_CXX_COMPILER=" MWS_CXX,
                "-DCMAKE_CXX_FLAGS=" MWS_CONSUMER_FLAGS};
    }
    std::string prefix() const { return (m_folder.path() / "prefix").string(); }
    std::string build() const { return (m_folder.path() / "build").string(); }
    std::string address() const { return "http://127.0.0.1:" + std::to_string(gateway.port()); }
    GatewayRun send(const std::string &text) { return runProgram({build() + "/sender", address(), text}); }
    enum class Stream { Output, Errors };
    /// Waits until the program is open, sends through the installed publisher, and waits for the message; and
    /// that it comes back.
    void receive(const std::string &program, Stream stream)
    {
        ChildProcess receiver({build() + program, address()}, {{"QT_FORCE_STDERR_LOGGING", "1"}},
                              gateway.folder().string());
        const auto waitFor = [&](const char *text) {
            const auto wanted = [text](const std::string &all) {
                return all.find(text) != std::string::npos;
            };
            return stream == Stream::Errors ? receiver.waitForErrors(wanted, longPatience)
                                            : receiver.waitForOutput(wanted, longPatience);
        };
        ASSERT_TRUE(waitFor("open\n")) << receiver.output() << receiver.errors();
        const GatewayRun sent = send("Hello World!");
        EXPECT_EQ(sent.exitCode, 0) << sent.output << sent.errors;
        EXPECT_EQ(sent.output, "sent to 1\n");
        EXPECT_TRUE(waitFor("received: Hello World!\n")) << receiver.output() << receiver.errors();
        gateway.kill();
        gateway.start();
        EXPECT_TRUE(waitUntil([&] { return openSockets() == 1; }, longPatience)) << "it comes back";
        gateway.kill();
        gateway.start();
    }

private:
    TemporaryFolder m_folder;
};

TEST_F(Installed, IsFoundBuiltAgainstAndRuns)
{
    ASSERT_NO_FATAL_FAILURE(install());
    ASSERT_NO_FATAL_FAILURE(run(configureCommand(MWS_SOURCE_FOLDER "/examples/client-library", build())));
    ASSERT_NO_FATAL_FAILURE(run({MWS_CMAKE, "--build", build()}));
    receive("/receiver", Stream::Output);
#ifdef MWS_WITH_QML
    receive("/qml_receiver", Stream::Errors);
#endif
}

TEST_F(Installed, RefusesAnotherVersion)
{
    ASSERT_NO_FATAL_FAILURE(install());
    const std::filesystem::path source = std::filesystem::path(prefix()).parent_path() / "source";
    writeFile(source / "CMakeLists.txt",
              "cmake_minimum_required(VERSION 3.22)\nproject(other LANGUAGES CXX)\n"
              "find_package(MwsClient 99 REQUIRED)\n");
    const GatewayRun done = runProgram(configureCommand(source.string(), build()), {}, buildPatience);
    EXPECT_NE(done.exitCode, 0);
    EXPECT_THAT(done.errors, HasSubstr("version: " MWS_VERSION));
}

/// The fenced blocks of docs/client-library.md.
TEST(ClientLibraryPage, QuotesTheProgramsThatAreTested)
{
    const std::filesystem::path root = MWS_SOURCE_FOLDER;
    const std::string page = readFile(root / "docs/client-library.md");
    ASSERT_FALSE(page.empty());
    for (const char *file : {"receiver.cpp", "sender.cpp", "receiver.qml", "CMakeLists.txt"})
        EXPECT_THAT(page, HasSubstr("\n" + readFile(root / "examples/client-library" / file) + "```\n"))
            << file;
}

} // namespace mws::test
